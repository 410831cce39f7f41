"""Tables of the room `events`. Distribution key: the event."""

from tessera.events.models.badges import Printer, PrintJob
from tessera.events.models.circle import CircleClosure, CircleProfile, Correction, Jotting, MutualInterest
from tessera.events.models.door import (
    Arrival,
    CrewMember,
    Guess,
    Lease,
    Numbering,
    NumberSetAside,
    Terminal,
    UndoneArrival,
)
from tessera.events.models.event import Cancellation, Event, Publication, Question, ReviewPolicy, Seats
from tessera.events.models.registration import AnswerFile, Decision, Registration, Reminder

__all__ = [
    "AnswerFile",
    "Arrival",
    "Cancellation",
    "CircleClosure",
    "CircleProfile",
    "Correction",
    "CrewMember",
    "Decision",
    "Event",
    "Guess",
    "Jotting",
    "Lease",
    "MutualInterest",
    "NumberSetAside",
    "Numbering",
    "PrintJob",
    "Printer",
    "Publication",
    "Question",
    "Registration",
    "Reminder",
    "ReviewPolicy",
    "Seats",
    "Terminal",
    "UndoneArrival",
]
