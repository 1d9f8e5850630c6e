"""Every table of the record, so that foreign keys find each other whatever is imported first."""

from surveys import (  # noqa: F401
    areas,
    audit,
    campaigns,
    drafts,
    draws,
    exclusions,
    fieldwork,
    frames,
    margins,
    people,
    responses,
    results,
    snapshots,
    units,
    waves,
    weighting,
)
from surveys.database import Base
from surveys.questionnaires import published  # noqa: F401

metadata = Base.metadata
