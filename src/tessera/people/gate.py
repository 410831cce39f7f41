"""Who comes through the operator's door: a person with the role, signed in."""

from uuid import UUID

from django.http import HttpRequest

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.pages import person_actor
from tessera.people.models import Role

__all__ = ["OPERATOR", "enter_platform", "is_platform_operator"]

OPERATOR = "operator"


def is_platform_operator(person_id: UUID) -> bool:
    """Return whether the person runs the platform today."""
    return Role.objects.filter(person_id=person_id, role=OPERATOR, until__isnull=True).exists()


def enter_platform(request: HttpRequest) -> Actor:
    """Return the signed-in person as the operator; refuses `not_found`, so that nobody learns what is behind."""
    actor = person_actor(request, scopes=frozenset({OPERATOR}))
    if actor.id is None or not is_platform_operator(actor.id):
        raise NotFound
    return actor
