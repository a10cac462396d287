"""Laurel: loyalty points for Shopify stores. The map of the house; requests walk down once and come back the same way.

start      plugin.cli  plugin.wsgi  plugin.wiring          wire the parts together; imported by nobody below
doors      webhooks  storefront_widget  plugin.install  plugin.admin  plugin.api  plugin.devstore
journeys   plugin.journeys                                 one file per story; the only users of the ledger
rooms      plugin.ledger  plugin.orders  plugin.inbox  plugin.rules  plugin.programme  plugin.members
           plugin.memberships  plugin.actions  plugin.standing  plugin.referrals  plugin.rewards
           plugin.shops  plugin.shopify  plugin.messages
engine     plugin.engine                                   schedules and background jobs
ground     plugin.facts  plugin.db  plugin.config  plugin.errors  plugin.money  plugin.pace
"""
