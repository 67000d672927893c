"""What headquarters answers a node that asks what to delete."""

import uuid

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from supervision.recordings.messages import SHA256
from supervision.retention.rules import DeletionCause

AT_ONCE = 200


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Agreed(_Sent):
    """One of the two who agreed."""

    name: str = Field(max_length=128)
    at: AwareDatetime


class Order(_Sent):
    """One recording that the office must delete as well, and who decided that."""

    call_id: uuid.UUID
    deletion_id: uuid.UUID
    cause: DeletionCause
    agreed_by: tuple[Agreed, Agreed]
    pcm_sha256: str | None = Field(pattern=SHA256)


class Orders(_Sent):
    """What headquarters answers."""

    orders: tuple[Order, ...] = Field(max_length=AT_ONCE)
