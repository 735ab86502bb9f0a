"""Moments as the store keeps them: UTC, ISO 8601 with microseconds, so that texts sort as times."""

from __future__ import annotations

from datetime import UTC, datetime


def now_text() -> str:
    """The present moment as a column's text."""
    return as_text(datetime.now(UTC))


def as_text(moment: datetime) -> str:
    """A moment as a column's text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_moment(text: str) -> datetime:
    """A column's text as an aware moment; the epoch when somebody wrote nonsense there."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
