"""``/embeddings``: which form of vectors is served."""

from __future__ import annotations

from proxy_core.canonical.model import Endpoint
from proxy_core.doctor.probe.chosen_models import first
from proxy_core.doctor.probe.question import PlannedRequest, ProbeEntry, ProbeRequest, Subject, Way
from proxy_core.doctor.probe.verdicts import taken_or_refused


def _base64(subject: Subject) -> ProbeRequest | None:
    model = first(subject.models, Endpoint.EMBEDDINGS)
    if model is None:
        return None
    body = {"model": model.id, "input": ["red"], "encoding_format": "base64"}
    return ProbeRequest(
        Way.MODEL, Endpoint.EMBEDDINGS.value, "POST", body, {}, model, Endpoint.EMBEDDINGS
    )


BASE64 = PlannedRequest("embeddings_base64", _base64)

EMBEDDINGS_PROBES = (
    ProbeEntry(
        "embeddings_base64",
        "Are vectors served as base64?",
        ("protocol 8",),
        (BASE64,),
        taken_or_refused(BASE64),
    ),
)
