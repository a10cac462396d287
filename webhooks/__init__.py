"""Shopify's way in: verify, remember, answer; then one short file per topic family turns a body into facts.

The only package that spells Shopify's webhook field names.
"""
