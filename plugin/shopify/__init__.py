"""All that talks to Shopify or knows how Shopify signs. Shopify's ids are plain ints outside; gids are made here only."""

API_VERSION = "2026-10"
