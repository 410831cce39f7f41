"""How badges and printers say no (spec/events.md, step 7)."""

from tessera.kit.refusals import Refusal

__all__ = [
    "BadgeNumbersUnreadable",
    "BadgeSizeInvalid",
    "BadgeTermsInvalid",
    "LabelsMissing",
    "LabelsTooMany",
    "PrintJobNotFailed",
    "PrinterAddressForbidden",
    "PrinterGone",
    "PrintersTooMany",
    "SheetTooSmall",
]


class BadgeSizeInvalid(Refusal):
    """A size that no label has."""

    code = "badge_size_invalid"
    status = 422
    sentence = {
        "en": "A badge is 20 to 210 mm wide and 15 to 300 mm high.",
        "zh-Hans": "胸牌宽度须为 20 到 210 毫米，高度须为 15 到 300 毫米。",
    }


class BadgeTermsInvalid(Refusal):
    """Something that a badge cannot show, or a size of the number that there is not."""

    code = "badge_terms_invalid"
    status = 422
    sentence = {
        "en": "A badge cannot show “{given}”.",
        "zh-Hans": "胸牌上不能显示“{given}”。",
    }


class BadgeNumbersUnreadable(Refusal):
    """A list of numbers that cannot be understood."""

    code = "badge_numbers_unreadable"
    status = 422
    sentence = {
        "en": "Write numbers and ranges with commas between, such as 3, 7, 12-20.",
        "zh-Hans": "请用逗号分隔号码或区间，例如 3, 7, 12-20。",
    }


class LabelsMissing(Refusal):
    """Nothing to print was chosen."""

    code = "labels_missing"
    status = 422
    sentence = {
        "en": "No guest with such a number has arrived, so there is nothing to print.",
        "zh-Hans": "没有符合条件的已到场来宾，无可打印内容。",
    }


class LabelsTooMany(Refusal):
    """More labels than one file holds."""

    code = "labels_too_many"
    status = 422
    sentence = {
        "en": "One file holds {most} labels; take the numbers in several files.",
        "zh-Hans": "一个文件最多 {most} 张标签，请分段下载。",
    }


class SheetTooSmall(Refusal):
    """The labels do not fit onto the paper that way."""

    code = "sheet_too_small"
    status = 422
    sentence = {
        "en": "Labels of {width_mm} × {height_mm} mm do not fit on this paper that often. Choose fewer columns or rows.",
        "zh-Hans": "此纸张放不下这么多 {width_mm} × {height_mm} 毫米的标签，请减少列数或行数。",
    }


class PrinterAddressForbidden(Refusal):
    """An address at which the operator allows no printer."""

    code = "printer_address_forbidden"
    status = 422
    sentence = {
        "en": "No printer may be at {host}, port {port}. Use its address in the local network, such as 192.168.1.50, port 9100.",
        "zh-Hans": "不允许连接位于 {host} 端口 {port} 的打印机，请填写其局域网地址，例如 192.168.1.50，端口 9100。",
    }


class PrinterGone(Refusal):
    """The printer was removed."""

    code = "printer_gone"
    status = 409
    sentence = {
        "en": "This printer was removed. Choose another one.",
        "zh-Hans": "此打印机已移除，请选择其他打印机。",
    }


class PrintersTooMany(Refusal):
    """More printers than an event has."""

    code = "printers_too_many"
    status = 422
    sentence = {
        "en": "An event has at most {most} printers. Remove one first.",
        "zh-Hans": "一场活动最多可有 {most} 台打印机，请先移除一台。",
    }


class PrintJobNotFailed(Refusal):
    """Only a job that failed is tried again; what was printed is printed anew with a reason."""

    code = "print_job_not_failed"
    status = 409
    sentence = {
        "en": "This print job has not failed. To print the badge once more, give a reason.",
        "zh-Hans": "此打印任务没有失败。如需再打印一张，请填写原因。",
    }
