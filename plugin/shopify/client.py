"""The one way out to a shop's Admin API."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import requests

from plugin.errors import ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.shopify import API_VERSION
from plugin.shopify.answers import Answer, Throttled, check_status, parse_answer, parse_json
from plugin.shopify.documents import document
from plugin.shopify.domains import parse_shop_domain

log = logging.getLogger(__name__)

CONNECT_SECONDS_MAX = 3.05
READ_SECONDS_MAX = 10.0

Renew = Callable[[], str]
Pause = Callable[[float], object]
_PAUSE_SECONDS_MIN = 0.25


def rest(seconds: float) -> None:
    """Let time pass while Shopify's bucket fills up again."""
    threading.Event().wait(seconds)


class AdminClient:
    """Speaks GraphQL with one shop under one token.

    `patience_seconds` is the longest we wait for an answer. `pause`, where given, is how we rest until Shopify's budget suffices for a
    throttled call, which it did not carry out, again no longer than our patience; most callers rather come back by themselves.
    `renew`, where given, is asked once for a newer token when Shopify says 401: such a call had no effect either. Nothing else is
    tried again here; whoever knows what a repetition means does that.
    """

    def __init__(
        self,
        http: requests.Session,
        shop_domain: str,
        access_token: str,
        *,
        patience_seconds: float = READ_SECONDS_MAX,
        renew: Renew | None = None,
        pause: Pause | None = None,
    ) -> None:
        self.shop_domain = parse_shop_domain(shop_domain)
        self._http = http
        self._token = access_token
        self._renew = renew
        self._pause = pause
        self._patience_seconds = patience_seconds
        self._timeout = (min(CONNECT_SECONDS_MAX, patience_seconds), patience_seconds)

    def query(self, document_name: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the data; fields that Shopify withheld are null in it (use `ask` to learn which)."""
        return self.ask(document_name, variables).data

    def mutate(self, document_name: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the payload of a document's one mutation.

        Raises:
            ShopifyRefused: Shopify names user errors, with their codes; nothing was changed.
            ShopifyUnavailable: no answer or "later"; the change may or may not have been made.
            ShopDisconnected: no usable token.
        """
        answer = self.ask(document_name, variables)
        (payload,) = answer.data.values()
        if payload is None:
            raise ShopifyUnavailable(f"{document_name}: no payload")
        if errors := payload.get("userErrors"):
            raise ShopifyRefused(_sentence(errors), codes=tuple(str(one.get("code") or "") for one in errors))
        return dict(payload)

    def ask(self, document_name: str, variables: dict[str, Any] | None = None) -> Answer:
        """Send one document and return data, problems and cost together."""
        left = self._patience_seconds
        while True:
            try:
                return self._asked(document_name, variables)
            except Throttled as later:
                wait = max(_PAUSE_SECONDS_MIN, later.retry_after_seconds or 0)
                if self._pause is None or (left := left - wait) < 0:
                    raise
                self._pause(wait)

    def _asked(self, document_name: str, variables: dict[str, Any] | None) -> Answer:
        response = self._post(document_name, variables)
        if response.status_code == requests.codes.unauthorized and self._renew is not None:
            self._token = self._renew()
            response = self._post(document_name, variables)
        self._check(response, document_name)
        answer = parse_answer(parse_json(response))
        if answer.problems:
            log.info("partial data", extra=self._about(document_name, [one.code for one in answer.problems]))
        return answer

    def _post(self, document_name: str, variables: dict[str, Any] | None) -> requests.Response:
        try:
            return self._http.post(
                f"https://{self.shop_domain}/admin/api/{API_VERSION}/graphql.json",
                json={"query": document(document_name), "variables": variables or {}},
                headers={"X-Shopify-Access-Token": self._token, "Accept": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as fault:
            log.warning("no answer", extra=self._about(document_name, type(fault).__name__))
            raise ShopifyUnavailable(f"no answer from Shopify: {type(fault).__name__}") from fault

    def _check(self, response: requests.Response, document_name: str) -> None:
        try:
            check_status(response)
        except (ShopDisconnected, ShopifyUnavailable, ShopifyRefused):
            log.warning("refused", extra=self._about(document_name, response.status_code))
            raise
        if (version := response.headers.get("X-Shopify-API-Version", API_VERSION)) != API_VERSION:
            log.error("Shopify answers in another version", extra=self._about(document_name, version))

    def _about(self, document_name: str, outcome: object) -> dict[str, object]:
        return {"shop": self.shop_domain, "document": document_name, "outcome": outcome}


def _sentence(errors: list[dict[str, Any]]) -> str:
    return "; ".join(f"{'.'.join(map(str, one.get('field') or ()))}: {one.get('message')}" for one in errors)
