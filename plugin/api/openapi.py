"""The API as OpenAPI describes it, made of the same models that check what comes in."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pydantic.json_schema import models_json_schema

from plugin.api.bodies import Event, Given, Refusal

_REFUSALS = {
    "400": "Not JSON, or no idempotency key.",
    "401": "No key, or one that is not known any more: `bad_key`.",
    "403": "The key is of another shop (`other_shop`), or its shop has left (`shop_closed`).",
    "409": "The idempotency key was used for something else: `key_reused`.",
    "413": "The body is larger than any event.",
    "415": "The body is not `application/json`.",
    "422": (
        "Understood and refused: `unfit_body`, `action_unavailable`, `unknown_customer`, `not_a_member`, `already_done`, "
        "`limit_reached`, `cap_reached`, `before_start`, `in_the_future`."
    ),
    "429": "Too many calls; `Retry-After` says how many seconds to wait.",
}


def description(server: str) -> dict[str, Any]:
    """Describe the API (OpenAPI 3.1)."""
    _, schemas = models_json_schema(
        [(Event, "validation"), (Given, "serialization"), (Refusal, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Laurel", "version": version("laurel"), "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": f"{server}/api/v1"}],
        "security": [{"key": []}],
        "paths": {"/events": {"post": _create_event()}},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas["$defs"],
        },
    }


def _create_event() -> dict[str, Any]:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same key with the same body has the same answer for 30 days; with another body it is refused.",
        "schema": {"type": "string", "minLength": 8, "maxLength": 128},
    }
    replayed = {"description": "`true` where this was answered before.", "schema": {"type": "string"}}
    refused = {status: {"description": text, "content": _json("Refusal")} for status, text in _REFUSALS.items()}
    return {
        "operationId": "createEvent",
        "summary": "Tell that a customer did something that earns points.",
        "parameters": [key],
        "requestBody": {"required": True, "content": _json("Event")},
        "responses": {
            "201": {
                "description": "Points were given.",
                "headers": {"Idempotency-Replayed": replayed},
                "content": _json("Given"),
            },
            **refused,
        },
    }


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}}
