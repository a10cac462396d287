"""Bugs that other programmes had in public, as promises of ours. Every test names its source; `test_every_source.py` numbers them.

What came of an order is told through the signed webhook door, what a shopper does through the app proxy. Some sources have a second
test where their subject lives (`grep` them). Of these rows the letter is about something we do not have, and the sense is held:

- 10 (the programme has ended): a programme ends by having no rule in force; whoever buys is still welcomed as a member.
- 11 (all points for a small cart): a reward has one price in points and is taken whole, so no cart decides how many go.
- 23 (points as a means of payment): points are traded for a discount code before the check-out and never pay as money.
- 25 (stock): a reward has no stock; points, caps, budgets and the limits of actions are what runs out.
- 26, 27, 28 (gift cards drawn at a check-out): gift cards and the check-out are Shopify's; the same races and the same order of
  drawing are held for lots of points.
"""
