"""The door spoken to by a client library that others wrote, over a real connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone
from georeport import GeoReport

from huying.open311 import keys
from huying.places.locating import refresh
from tests.cases.town import FACTORY, GRID_1, OPINION, SPOTS, Town


@pytest.mark.django_db(transaction=True)
def test_another_ones_library_understands_us(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    Town()
    refresh()
    _key, secret = keys.issue("georeport", per_minute=60, now=timezone.now())
    lon, lat = SPOTS[GRID_1]
    # The library only reads; it brings `requests`, with which an app posts.
    numbers = [
        requests.post(
            f"{live_server.url}/open311/v2/requests.json",
            data={"api_key": secret, "service_code": code, "lat": lat, "long": lon},
            timeout=30,
        ).json()[0]["service_request_id"]
        for code in (OPINION, FACTORY)
    ]
    for form in ("json", "xml"):
        root = f"{live_server.url}/open311/v2"
        reader = GeoReport(root, jurisdiction="440113", output_format=form)
        offered = reader.get_service_list()
        assert len(offered) > 20
        assert {OPINION, FACTORY} <= {row["service_code"] for row in offered}
        assert reader.get_service_definition(OPINION)["service_code"] == OPINION
        listed = reader.get_service_requests()
        assert {row["service_request_id"] for row in listed} == set(numbers)
        one = reader.get_service_request(numbers[1])
        assert (one["service_code"], one["status"]) == (FACTORY, "open")
        yesterday = (timezone.now() - timedelta(days=1)).isoformat(timespec="seconds")
        narrowed = reader.get_service_requests(
            service_code=f"{FACTORY},{OPINION}", start_date=yesterday, status="open"
        )
        assert len(narrowed) == 2
        elsewhere = GeoReport(root, jurisdiction="brookline", output_format=form)
        with pytest.raises(requests.HTTPError, match="404"):
            elsewhere.get_service_list()
