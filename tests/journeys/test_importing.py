"""Sheets: checked first, run by batches, stopped and resumed, undone whole; told by the replay like everything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import responses
from sqlalchemy import select

from plugin.errors import Conflict, NotAllowed, ShopifyUnavailable
from plugin.facts import CustomerRedaction, CustomersMerged, DataRequest, ShopRedaction, ShopUninstalled
from plugin.journeys import households, working_sheets
from plugin.journeys.complying import due_requests, note_request, settle_request
from plugin.journeys.forgetting import forget_customer
from plugin.journeys.importing import (
    SameSheet,
    Upload,
    receive_sheet,
    rejected,
    sheet_view,
    start_sheet,
    undo_sheet,
)
from plugin.journeys.merging import merge_customers
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.uninstalling import uninstall
from plugin.journeys.working_sheets import due_sheets, settle_sheet, work_batch
from plugin.ledger.adjustments import adjustment, find_notes
from plugin.ledger.tables import account, lot, posting
from plugin.members import find_member
from plugin.members.carried_over import CarriedOver, find_carried_over
from plugin.members.tables import alias
from plugin.rules import default_document, dump_document
from plugin.sheets.tables import sheet_row
from plugin.shops.store import find_shop
from plugin.shops.tables import compliance_request
from tests.admin.conftest import connect
from tests.factories import (
    balance_of,
    credit_now,
    make_member,
    make_shop,
    member_of,
    paid_order,
)
from tests.journeys.test_adjusting import limited_shop, settle_time
from tests.journeys.test_crediting import spend
from tests.shopify.stub import AdminStub, denied, listen

FILES = Path(__file__).parents[1] / "sheets" / "files"


@pytest.fixture(autouse=True)
def proof(tools, clock):
    """After every story here the books are sound, today and when everything that could expire has."""
    yield
    for days in (0, 400, 4000):
        clock.advance(days=days)
        settle_time(tools)
        with tools.reading() as session:
            assert [one for one in verify(session) if one.invariant != 7] == []
            assert find_drift(session, tools.clock()) == []


def test_a_checked_sheet_has_changed_nothing(tools, shop):
    for number in (7001, 7002):
        make_member(tools, shop, number, points=30)
    sheet = hand_over(tools, shop, "customer_id,points\n7001,100\n7002,-31\n9999,5\nx,5\n7002,-30\n")
    view = settled(tools, sheet)
    assert (view.sheet.state, dict(view.tally.rows)) == ("checked", {"ready": 2, "rejected": 3})
    assert (view.tally.given, view.tally.taken, view.tally.customers) == (100, 30, 2)
    assert faults(tools, sheet) == [
        (3, "insufficient_points", "7002"),
        (4, "no_member", "9999"),
        (5, "bad_customer", "x"),
    ]
    assert [balance_of(tools, shop, one).available for one in (7001, 7002)] == [30, 30]


def test_a_started_sheet_adjusts_everybody_once_however_often_it_is_started(tools, shop, clock):
    for number in (7001, 7002):
        make_member(tools, shop, number, points=30)
    text = "customer_id,points,note,internal_note\n7001,100,Sorry,see mail\n7002,-30,,\n"
    sheet = hand_over(tools, shop, text, public_note="From us all")
    settled(tools, sheet)
    for _ in range(2):
        start(tools, sheet)
        clock.advance(minutes=1)
        assert settled(tools, sheet).sheet.state == "done"
    assert [balance_of(tools, shop, one).available for one in (7001, 7002)] == [130, 0]
    assert [(one.public, one.internal) for one in notes(tools, shop)] == [("Sorry", "see mail"), ("From us all", None)]


def test_a_sheet_that_is_not_checked_or_was_undone_is_not_started(tools, shop):
    make_member(tools, shop)
    sheet = hand_over(tools, shop, "customer_id,points\n7001,100\n")
    with pytest.raises(Conflict):
        start(tools, sheet)
    with pytest.raises(Conflict):
        undo_sheet(tools, shop.programme_id, sheet.sheet_id)
    settled(tools, sheet)
    start(tools, sheet)
    undo_sheet(tools, shop.programme_id, sheet.sheet_id)
    assert settled(tools, sheet).sheet.state == "undone"
    with pytest.raises(Conflict):
        start(tools, sheet)


def test_the_same_content_does_not_run_twice_unless_the_merchant_insists(tools, shop, clock):
    make_member(tools, shop)
    for turn in range(3):
        sheet = hand_over(tools, shop, "customer_id,points\n7001,100\n")
        view = settled(tools, sheet)
        assert (view.same is not None) == (turn > 0)
        if turn == 1:
            with pytest.raises(SameSheet):
                start(tools, sheet)
            continue
        start(tools, sheet, may_repeat=True)
        settled(tools, sheet)
        clock.advance(minutes=1)
    assert balance_of(tools, shop).available == 200


def test_a_sheet_that_was_stopped_anywhere_goes_on_where_it_was(tools, shop, clock, monkeypatch):
    monkeypatch.setattr(working_sheets, "BATCH", 3)
    for number in range(7001, 7011):
        make_member(tools, shop, number)
    lines = "".join(f"{number},{number - 7000}\n" for number in range(7001, 7011))
    sheet = hand_over(tools, shop, f"customer_id,points\n{lines}")
    settled(tools, sheet)
    start(tools, sheet)
    done = []
    while work_batch(tools, shop.programme_id, sheet.sheet_id, clock.advance(seconds=1)):
        with tools.reading() as session:
            done.append(sheet_view(session, shop.programme_id, sheet.sheet_id).rows_done)
        assert due_sheets(tools, clock.now, 10) == [f"{shop.programme_id}:{sheet.sheet_id}"]
    assert done == [3, 6, 9, 10]
    assert due_sheets(tools, clock.now, 10) == []
    assert [balance_of(tools, shop, number).available for number in range(7001, 7011)] == list(range(1, 11))


def test_several_rows_of_one_customer_are_all_done(tools, shop):
    make_member(tools, shop, points=10)
    sheet = hand_over(tools, shop, "customer_id,points\n7001,-10\n7001,100\n7001,-50\n7001,-60\n", may_owe=True)
    settled(tools, sheet)
    start(tools, sheet)
    assert dict(settled(tools, sheet).tally.rows) == {"posted": 4}
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (0, -10)


def test_what_cannot_be_taken_when_the_sheet_runs_is_refused_then(tools, shop, clock):
    make_member(tools, shop, points=50)
    sheet = hand_over(tools, shop, "customer_id,points\n7001,-40\n")
    settled(tools, sheet)
    clock.advance(minutes=1)
    spend(tools, shop, 20)
    clock.advance(minutes=1)
    start(tools, sheet)
    settled(tools, sheet)
    assert faults(tools, sheet) == [(2, "insufficient_points", "7001")]
    assert balance_of(tools, shop).available == 30


def test_an_undone_adjustment_sheet_leaves_everybody_as_before(tools, shop, clock):
    for number in (7001, 7002):
        make_member(tools, shop, number, points=50)
    clock.advance(minutes=1)
    sheet = hand_over(tools, shop, "customer_id,points\n7001,100\n7002,-40\n")
    settled(tools, sheet)
    start(tools, sheet)
    settled(tools, sheet)
    clock.advance(minutes=1)
    spend(tools, shop, 120)
    clock.advance(minutes=1)
    for _ in range(2):
        undo_sheet(tools, shop.programme_id, sheet.sheet_id)
        settled(tools, sheet)
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (0, -70)
    assert balance_of(tools, shop, 7002).available == 50


def test_a_sheet_keeps_to_the_limits_of_one_change_and_of_one_day(tools):
    shop = limited_shop(tools, points_max=100, points_max_per_day=150)
    for number in (7001, 7002):
        make_member(tools, shop, number)
    sheet = hand_over(tools, shop, "customer_id,points\n7001,101\n7001,100\n7002,51\n")
    assert settled(tools, sheet).tally.faults == {"limit_per_change": 1}
    with pytest.raises(NotAllowed) as refused:
        start(tools, sheet)
    assert refused.value.code == "limit_per_day"


def test_opening_balances_become_lots_with_their_own_dates(tools, shop, clock):
    sheet = bring(tools, shop, "laurel.csv")
    assert faults(tools, sheet) == [(5, "not_earned_yet", "7003"), (6, "bad_date", "7004")]
    with tools.reading() as session:
        rows = session.execute(select(lot).order_by(lot.c.granted.desc())).all()
    sofia = timedelta(hours=2)
    assert [(one.granted, one.occurred_at, one.expires_at) for one in rows] == [
        (300, datetime(2025, 11, 30, tzinfo=UTC) - sofia, datetime(2026, 12, 1, tzinfo=UTC) - sofia),
        (200, datetime(2026, 6, 15, tzinfo=UTC) - 1.5 * sofia, datetime(2027, 6, 16, tzinfo=UTC) - 1.5 * sofia),
        (50, datetime(2026, 6, 15, tzinfo=UTC) - 1.5 * sofia, None),
    ]
    clock.advance(days=12)
    settle_time(tools)
    assert balance_of(tools, shop).available == 200, "the older lot ended with November"


def test_what_else_a_member_brought_along_is_kept_beside_the_ledger(tools, shop, clock):
    sheet = bring(tools, shop, "laurel.csv")
    sofia = timedelta(hours=2)
    assert brought(tools, shop, 7001) == CarriedOver(
        member_id=member_of(tools, shop).member_id,
        sheet_id=sheet.sheet_id,
        source="laurel",
        joined_at=datetime(2024, 1, 31, tzinfo=UTC) - sofia,
        tier="Gold",
        tier_since=datetime(2026, 1, 1, tzinfo=UTC) - sofia,
        tier_until=datetime(2027, 1, 1, tzinfo=UTC) - sofia,
        referral_code="ADA-1",
        birthday="06-22",
        birthday_used_in=2026,
    )
    assert brought(tools, shop, 7002) is None


def test_a_loyaltylion_export_is_brought_in(tools, shop):
    sheet = bring(tools, shop, "loyaltylion.csv")
    assert faults(tools, sheet) == [(4, "shut_out", "7003"), (5, "negative_points", "7004"), (6, "twice", "7001")]
    assert [balance_of(tools, shop, one).available for one in (7001, 7002)] == [500, 120]
    found = brought(tools, shop, 7001)
    assert (found.tier, found.referral_code, found.birthday, found.source) == (
        "Explorer",
        "ada-k7",
        "06-22",
        "loyaltylion",
    )


def test_who_was_a_member_elsewhere_joins_here_and_nobody_else_does(tools):
    shop = make_shop(tools, document=dump_document(default_document()) | {"enrolment": "opt_in"})
    bring(tools, shop, "loyaltylion.csv")
    assert [member_of(tools, shop, one).standing for one in (7001, 7002)] == ["joined", "waiting"]


def test_a_smile_export_names_people_by_address_and_shopify_knows_them(tools, shop):
    connect(tools, shop)
    known = {"ines.marlow@example.com": 7001, "piet.oduya@example.com": 7002, "noor.haddad@example.com": 7003}
    with responses.RequestsMock() as mock:
        listen(mock, people(known), shop.domain)
        sheet = bring(tools, shop, "smile.csv")
    assert faults(tools, sheet) == [
        (5, "shut_out", "sven.lindqvist@example.com"),
        (6, "bad_points", "tomas.brel@example.com"),
        (7, "no_such_customer", "lena.ruiz@example.com"),
    ]
    assert [balance_of(tools, shop, one).available for one in (7001, 7002, 7003)] == [1250, 0, 40]
    assert (brought(tools, shop, 7001).tier, brought(tools, shop, 7002).referral_code) == ("Gold", "a1B2c3")


def test_while_shopify_does_not_answer_the_check_waits(tools, shop):
    connect(tools, shop)
    sheet = hand_over(tools, shop, "email,points\nines@example.com,5\n", kind="opening")
    with responses.RequestsMock() as mock:
        mock.post(f"https://{shop.domain}/admin/api/2026-10/graphql.json", status=503)
        with pytest.raises(ShopifyUnavailable):
            settled(tools, sheet)
    with responses.RequestsMock() as mock:
        listen(mock, people({"ines@example.com": 7001}), shop.domain)
        assert settled(tools, sheet).sheet.state == "checked"


def test_an_app_that_may_not_look_customers_up_says_so_in_every_row(tools, shop):
    connect(tools, shop)
    sheet = hand_over(tools, shop, "email,points\nines@example.com,5\n", kind="opening")
    with responses.RequestsMock() as mock:
        listen(mock, AdminStub(root={"customerByIdentifier": denied}), shop.domain)
        assert settled(tools, sheet).tally.faults == {"lookup_refused": 1}


def test_an_undone_import_leaves_no_point_and_no_trace_of_the_old_app(tools, shop, clock):
    make_member(tools, shop, points=50)
    clock.advance(minutes=1)
    sheet = bring(tools, shop, "laurel.csv")
    clock.advance(days=12)
    settle_time(tools)
    spend(tools, shop, 120)
    clock.advance(minutes=1)
    credit_now(tools, paid_order(shop, amount="30.00", placed_at=clock.now, updated_at=clock.now))
    clock.advance(minutes=1)
    undo_sheet(tools, shop.programme_id, sheet.sheet_id)
    settled(tools, sheet)
    account = balance_of(tools, shop)
    assert (account.available, account.debt) == (0, -40), (
        "80 earned here, 120 spent; what expired meanwhile costs nothing"
    )
    assert balance_of(tools, shop, 7002).available == 0
    assert brought(tools, shop, 7001) is None
    assert house(tools) == {"adjusted": 0}


def test_an_import_can_be_undone_while_it_is_half_done(tools, shop, monkeypatch, clock):
    monkeypatch.setattr(working_sheets, "BATCH", 2)
    sheet = hand_over(tools, shop, (FILES / "laurel.csv").read_text(), kind="opening")
    settled(tools, sheet)
    start(tools, sheet)
    work_batch(tools, shop.programme_id, sheet.sheet_id, tools.clock())
    assert balance_of(tools, shop).available == 500
    undo_sheet(tools, shop.programme_id, sheet.sheet_id)
    settled(tools, sheet)
    assert balance_of(tools, shop).available == 0


def test_an_import_is_undone_where_its_points_are_now(tools, shop, clock):
    """One member was merged into another customer, one left their points behind in a household: neither is spared nor wronged."""
    sheet = hand_over(tools, shop, "customer_id,points\n7001,100\n7002,50\n", kind="opening")
    settled(tools, sheet)
    start(tools, sheet)
    settled(tools, sheet)
    make_member(tools, shop, 7003, points=10)
    make_member(tools, shop, 7004, points=20)
    clock.advance(minutes=1)
    with tools.writing() as session:
        merge_customers(
            session, tools.sealer, CustomersMerged(shop.programme_id, shop.shop_id, 7003, 7001, clock.now), clock.now
        )
    share_a_household(tools, shop, 7004, 7002)
    clock.advance(minutes=1)
    with tools.writing() as session:
        households.leave_household(session, shop.programme_id, member_of(tools, shop, 7002).member_id, clock.now)
    clock.advance(minutes=1)
    assert [balance_of(tools, shop, one).available for one in (7003, 7004, 7002)] == [110, 70, 0]
    undo_sheet(tools, shop.programme_id, sheet.sheet_id)
    assert settled(tools, sheet).sheet.state == "undone"
    left = [balance_of(tools, shop, one) for one in (7003, 7004, 7002)]
    assert [(one.available, one.debt) for one in left] == [(10, 0), (20, 0), (0, 0)]


def test_orders_that_waited_for_somebody_to_join_count_once_they_are_brought_in(tools):
    shop = make_shop(tools, document=dump_document(default_document()) | {"enrolment": "opt_in"})
    credit_now(tools, paid_order(shop, amount="30.00"))
    assert balance_of(tools, shop).available == 0
    bring(tools, shop, "loyaltylion.csv")
    assert balance_of(tools, shop).available == 530


def test_points_that_ended_before_the_import_are_not_brought_in(tools, shop):
    text = "customer_id,points,expires_on\n7001,5,2026-11-20\n7002,5,2026-11-21\n"
    sheet = hand_over(tools, shop, text, kind="opening")
    settled(tools, sheet)
    assert faults(tools, sheet) == [(2, "already_over", "7001")]


def test_the_merchant_chooses_when_points_without_a_date_end(tools):
    document = dump_document(default_document())
    document["earning"]["expiry"] = {"kind": "after_days", "days": 30}
    shop = make_shop(tools, document=document)
    for expiry, customer_id in (("programme", 7001), ("never", 7002)):
        sheet = hand_over(tools, shop, f"customer_id,points\n{customer_id},5\n", kind="opening", expiry=expiry)
        settled(tools, sheet)
        start(tools, sheet)
        settled(tools, sheet)
    with tools.reading() as session:
        ends = session.execute(select(lot.c.expires_at).order_by(lot.c.id)).scalars().all()
    assert ends == [datetime(2026, 12, 21, 22, 0, tzinfo=UTC), None]


def test_an_order_from_before_the_import_that_comes_late_changes_only_itself(tools, shop, clock):
    bring(tools, shop, "loyaltylion.csv")
    clock.advance(hours=1)
    spend(tools, shop, 300)
    clock.advance(hours=1)
    credit_now(tools, paid_order(shop, amount="30.00"))
    assert balance_of(tools, shop).available == 230


def test_a_forgotten_customer_is_not_brought_back_and_leaves_nothing_in_the_sheets(tools, shop, clock):
    sheet = bring(tools, shop, "loyaltylion.csv")
    gone = CustomerRedaction(shop.programme_id, shop.shop_id, clock.now, 7001, ())
    with tools.writing() as session:
        forget_customer(session, tools.sealer, gone, clock.now)
    again = hand_over(tools, shop, "customer_id,points\n7001,9\n", kind="opening")
    settled(tools, again)
    assert faults(tools, again) == [(2, "forgotten", "7001")]
    with tools.reading() as session:
        kept = session.execute(
            select(sheet_row.c.customer_id, sheet_row.c.sealed).where(sheet_row.c.sheet_id == sheet.sheet_id)
        ).all()
        assert 7001 not in {row.customer_id for row in kept}
        assert [row.sealed for row in kept if row.customer_id is None and row.sealed is not None] == []
        assert find_member(session, shop.programme_id, shop.shop_id, 7001) is None


def forgotten(tools, shop, clock, customer_id: int) -> None:
    gone = CustomerRedaction(shop.programme_id, shop.shop_id, clock.now, customer_id, ())
    with tools.writing() as session:
        forget_customer(session, tools.sealer, gone, clock.now)


def test_who_was_forgotten_after_the_check_is_not_brought_along_as_nobody(tools, shop, clock):
    sheet = hand_over(tools, shop, "customer_id,points\n7001,9\n7002,5\n", kind="opening")
    settled(tools, sheet)
    forgotten(tools, shop, clock, 7001)
    start(tools, sheet)
    settled(tools, sheet)
    assert balance_of(tools, shop, 7002).available == 5
    with tools.reading() as session:
        assert session.execute(select(alias.c.customer_id)).scalars().all() == [7002]


def test_an_undone_sheet_takes_back_what_it_gave_to_who_was_forgotten_since(tools, shop, clock):
    sheet = hand_over(tools, shop, "customer_id,points\n7001,9\n7002,5\n", kind="opening")
    settled(tools, sheet)
    start(tools, sheet)
    settled(tools, sheet)
    forgotten(tools, shop, clock, 7001)
    undo_sheet(tools, shop.programme_id, sheet.sheet_id)
    settled(tools, sheet)
    with tools.reading() as session:
        assert set(session.execute(select(account.c.available)).scalars()) == {0}
        assert faults(tools, sheet) == []


def test_a_customer_who_asks_is_told_what_came_along(tools, shop, clock):
    bring(tools, shop, "laurel.csv")
    answer = answered(tools, DataRequest(shop.programme_id, shop.shop_id, clock.now, 1, 7001, ()))
    assert answer["brought_along"]["birthday"] == "06-22"
    assert answer["brought_along"]["referral_code"] == "ADA-1"
    assert answer["points"]["available"] == 500


def test_a_shop_that_left_for_good_leaves_nothing_of_its_people(tools, shop, clock):
    bring(tools, shop, "laurel.csv")
    sheet = hand_over(tools, shop, "customer_id,points,note\n7001,5,secret\n")
    settled(tools, sheet)
    start(tools, sheet)
    settled(tools, sheet)
    member = member_of(tools, shop)
    with tools.writing() as session:
        uninstall(session, ShopUninstalled(shop.programme_id, shop.shop_id, clock.advance(minutes=1)))
    assert answered(tools, ShopRedaction(shop.programme_id, shop.shop_id, clock.advance(days=2))) == {"redacted": True}
    with tools.reading() as session:
        assert set(session.execute(select(sheet_row.c.sealed)).scalars()) == {None}
        assert find_carried_over(session, shop.programme_id, member.member_id) is None
        assert set(session.execute(select(adjustment.c.public_note)).scalars()) == {None}


def test_what_sheets_tell_of_people_is_forgotten_after_its_time(tools, shop, clock):
    done = bring(tools, shop, "loyaltylion.csv")
    never_run = hand_over(tools, shop, "customer_id,points\n7001,9\n", kind="opening")
    settled(tools, never_run)
    assert due_sheets(tools, clock.now, 10) == []
    clock.advance(days=26)
    for key in due_sheets(tools, clock.now, 10):
        settle_sheet(tools, key, clock.now)
    with tools.reading() as session:
        rows = session.execute(select(sheet_row)).all()
    assert {(row.sheet_id, row.sealed) for row in rows} == {(done.sheet_id, None)}
    assert due_sheets(tools, clock.now, 10) == []


def test_addresses_and_notes_do_not_lie_open_in_the_database(tools, shop):
    hand_over(tools, shop, "email,points,note\nines@example.com,5,secret words\n")
    with tools.reading() as session:
        row = session.execute(select(sheet_row)).one()
    assert "ines" not in str(row.data)
    assert b"ines" not in row.sealed
    assert b"secret" not in row.sealed


def answered(tools, fact):
    """Note a compliance request and let the slow lane answer it."""
    with tools.writing() as session:
        note_request(session, fact, tools.clock())
    for key in due_requests(tools, tools.clock(), 10):
        settle_request(tools, key, tools.clock())
    with tools.reading() as session:
        return session.execute(select(compliance_request.c.answer)).scalars().one()


def share_a_household(tools, shop, host, guest):
    with tools.writing() as session:
        token = households.invite(session, member_of(tools, shop, host), tools.clock())
    with tools.writing() as session:
        households.accept(session, shop.programme_id, member_of(tools, shop, guest).member_id, token, tools.clock())


def hand_over(tools, shop, text, *, kind="adjustment", name="people.csv", **options):
    with tools.reading() as session:
        found = find_shop(session, shop.domain)
    return receive_sheet(tools, found, Upload(kind, name, text.encode(), "merchant:42", options=options))


def start(tools, sheet, **more):
    start_sheet(tools, sheet.programme_id, sheet.sheet_id, "merchant:42", **more)


def settled(tools, sheet):
    settle_sheet(tools, f"{sheet.programme_id}:{sheet.sheet_id}", tools.clock())
    with tools.reading() as session:
        return sheet_view(session, sheet.programme_id, sheet.sheet_id)


def bring(tools, shop, name):
    """Import one of the fixture files, whole."""
    sheet = hand_over(tools, shop, (FILES / name).read_text(), kind="opening", name=name)
    settled(tools, sheet)
    start(tools, sheet)
    assert settled(tools, sheet).sheet.state == "done"
    return sheet


def faults(tools, sheet):
    with tools.reading() as session:
        return [(one.number, one.fault.code, one.personal.get("who")) for one in rejected(session, tools.sealer, sheet)]


def brought(tools, shop, customer_id):
    member = member_of(tools, shop, customer_id)
    with tools.reading() as session:
        return find_carried_over(session, shop.programme_id, member.member_id)


def notes(tools, shop):
    with tools.reading() as session:
        made = select(posting.c.id).where(posting.c.reason == "adjustment").order_by(posting.c.id)
        found = list(session.execute(made).scalars())
        kept = find_notes(session, shop.programme_id, found)
    return [kept[one] for one in found]


def house(tools):
    from plugin.ledger.tables import entry

    with tools.reading() as session:
        rows = session.execute(select(entry)).all()
    return {
        "adjusted": sum(row.points for row in rows if row.source == "adjusted")
        - sum(row.points for row in rows if row.destination == "adjusted")
    }


def people(known):
    """A Shopify that knows these addresses."""

    def answer(_info, identifier):
        number = known.get(identifier["emailAddress"])
        return {"id": f"gid://shopify/Customer/{number}"} if number else None

    return AdminStub(root={"customerByIdentifier": answer})
