"""``copilot_usage``: the price that upstream adds next to ``usage`` (copilot-protocol.md 9.3)."""

from __future__ import annotations

import msgspec

from proxy_core.canonical.events import Bill, BilledTokens


class TokenDetail(msgspec.Struct):
    token_type: str = ""
    token_count: int = 0
    cost_per_batch: int = 0
    batch_size: int = 0


class CopilotUsage(msgspec.Struct):
    total_nano_aiu: int = 0
    token_details: list[TokenDetail] | None = None

    def bill(self) -> Bill:
        return Bill(
            self.total_nano_aiu,
            tuple(
                BilledTokens(d.token_type, d.token_count, d.cost_per_batch, d.batch_size)
                for d in self.token_details or ()
            ),
        )

    def tokens(self, token_type: str) -> int:
        return sum(d.token_count for d in self.token_details or () if d.token_type == token_type)


_decoder = msgspec.json.Decoder(CopilotUsage)


def parse_bill(raw: msgspec.Raw | None) -> CopilotUsage | None:
    """Return the bill, or None if it is missing or of unknown form.

    A changed bill format must not fail a response.
    """
    if raw is None or not raw:
        return None
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
