"""Kinds of fields for bodies and parameters, so that nothing the database cannot hold comes past the edge."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tessera.kit.amounts import MAX_AMOUNT
from tessera.kit.paging import MAX_PAGE

__all__ = ["Body", "Cursor", "Limit", "ListOut", "Minor", "Name", "Shown", "Text"]

T = TypeVar("T")

_PLAIN = r"^[^\u0000-\u001f\u007f]*$"

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN)]
"""A short text that must not be empty: no control characters, outer blanks removed."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=_PLAIN)]
"""A text that may be empty."""

Shown = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PLAIN)]
"""An id as shown outside ("per_0cq3...")."""

Minor = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT)]
"""An amount of money in the smallest unit of its currency; 1.0 and "1" are refused."""

Limit = Annotated[int, Field(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str, StringConstraints(max_length=64, pattern=_PLAIN)]


class Body(BaseModel):
    """The body of a request: a field that is not known is refused, not overlooked."""

    model_config = ConfigDict(extra="forbid")


class ListOut(BaseModel, Generic[T]):
    """One page; send `next_cursor` as `cursor` for the next one."""

    items: list[T]
    next_cursor: str | None
