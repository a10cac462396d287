"""The programme document as the rules read it: parsed once per version, checked before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plugin.errors import BadInput, NotFound, StaleVersion
from plugin.journeys.expiry_policy import note_expiry
from plugin.journeys.standing_policy import note_terms
from plugin.ledger.shapes import Signed
from plugin.money import to_minor
from plugin.programme import store
from plugin.rules import ProgrammeDocument, dump_document, parse_document

_PARSED: dict[tuple[UUID, int], ProgrammeDocument] = {}
_PARSED_MAX = 1024


def document_of(session: Session, programme_id: UUID, version: int) -> ProgrammeDocument:
    """Return one published version; published versions never change, so each is read and parsed once per process.

    Raises:
        NotFound: no such version.
    """
    if found := _PARSED.get((programme_id, version)):
        return found
    return _parsed(session, programme_id, store.get_version(session, programme_id, version))


def current_document(session: Session, programme_id: UUID) -> tuple[int, ProgrammeDocument]:
    """Return the newest version and its number.

    Raises:
        NotFound: nothing was published yet.
    """
    newest = store.current(session, programme_id)
    return newest.version, _parsed(session, programme_id, newest)


def version_in_force(session: Session, programme_id: UUID, at: datetime) -> int:
    """Return the version that was the newest at `at` (aware); before the first publication, the first.

    Batches ask this for each of their orders, so a session looks once and keeps to what it saw.

    Raises:
        NotFound: nothing was published yet.
    """
    seen: dict[UUID, Sequence[tuple[int, datetime]]] = session.info.setdefault("publications", {})
    publications = seen.get(programme_id) or store.list_publications(session, programme_id)
    seen[programme_id] = publications
    if not publications:
        raise NotFound("no programme document was published yet")
    in_force = [version for version, published_at in publications if published_at <= at]
    return in_force[-1] if in_force else publications[0][0]


def ever_rolling(session: Session, programme_id: UUID) -> bool:
    """Say whether any version lets activity keep points alive."""
    newest = version_in_force(session, programme_id, datetime.max.replace(tzinfo=UTC))
    versions = (document_of(session, programme_id, version) for version in range(1, newest + 1))
    return any(one.earning.has_rolling for one in versions)


def publish_document(
    session: Session,
    programme_id: UUID,
    data: object,
    *,
    actor: str,
    now: datetime,
    expected_version: int | None = None,
) -> int:
    """Check a document, append it as the newest version, and return its number.

    Raises:
        BadInput: it is not a document; `path` says where.
        NotFound: no such programme.
        StaleVersion: `expected_version` is not the newest, or somebody else published at the same time.
    """
    document = parse_document(data)
    _check_amounts(document, store.get_programme(session, programme_id).currency)
    session.info.setdefault("published", set()).add(programme_id)
    session.info.pop("publications", None)
    before = _newest(session, programme_id)
    try:
        version = store.publish(
            session, programme_id, dump_document(document), actor=actor, now=now, expected_version=expected_version
        )
    except IntegrityError as failure:
        raise StaleVersion("another version was published at the same time") from failure
    by = Signed(actor, "grace", f"grace:v{version}")
    note_expiry(session, programme_id, (before, document), by, now)
    note_terms(session, programme_id, (before, document), version)
    return version


def _newest(session: Session, programme_id: UUID) -> ProgrammeDocument | None:
    try:
        return current_document(session, programme_id)[1]
    except NotFound:
        return None


def _check_amounts(document: ProgrammeDocument, currency: str) -> None:
    """Refuse what nobody can pay out: half a yen. The document does not name its currency, the programme does."""
    for path, amount in _amounts(document):
        try:
            to_minor(amount, currency)
        except BadInput as failure:
            raise BadInput(f"{path}: {failure}", path=path) from failure


def _amounts(document: ProgrammeDocument) -> Iterator[tuple[str, Decimal]]:
    for index, reward in enumerate(document.rewards):
        worth = "maximum_price" if reward.kind == "free_shipping" else "amount"
        yield f"rewards[{index}].{worth}", reward.worth or Decimal(0)
        yield f"rewards[{index}].minimum_subtotal", reward.minimum_subtotal or Decimal(0)
    if document.referral is not None:
        friend = document.referral.friend
        if friend.kind == "amount":
            yield "referral.friend.value", friend.value
        yield "referral.friend.minimum_subtotal", friend.minimum_subtotal or Decimal(0)


def _parsed(session: Session, programme_id: UUID, published: store.Published) -> ProgrammeDocument:
    """Parse, and keep what is committed for good: what this transaction published itself may yet be rolled back."""
    key = (programme_id, published.version)
    if found := _PARSED.get(key):
        return found
    document = parse_document(published.document)
    if programme_id not in session.info.get("published", ()):
        if len(_PARSED) >= _PARSED_MAX:
            _PARSED.clear()
        _PARSED[key] = document
    return document
