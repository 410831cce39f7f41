"""Talk: one-to-one conversations between people of one circle, which begin with a request (spec/events.md, step 9).

Nouns: circle (an id that a higher room gives), conversation, request, message, block, report, mute, contact offer.
Verbs: ask, accept, decline, write, read, block, report, mute. Promises: nobody writes to whom has not agreed; nobody has more
than his share of unanswered requests open; what two people say is seen by these two alone, and is erased with the circle.
"""
