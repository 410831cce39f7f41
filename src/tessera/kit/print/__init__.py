"""Labels on paper: drawn once in millimetres, written as PDF, as SVG, and as dots for printers of three languages.

`label` is the drawing, `fonts` measures its words; `pdf`, `svg` and `bitmap` draw it; `escpos`, `tspl` and `zpl` say the
dots to printers; `port` carries them there.
"""
