"""Lists of Temporal's own pages that the desk and the documentation lead to."""

from pathlib import Path

from starter.portal.desk.temporal_views import VIEWS, temporal_views


def test_lists_in_temporal_are_a_link_away() -> None:
    views = temporal_views("http://127.0.0.1:8233", "shop")
    assert views["attention"].startswith("http://127.0.0.1:8233/namespaces/shop/workflows?query=WorkflowType%20%3D%20")
    assert {"late", "in_review", "received", "settling"} <= views.keys()
    assert temporal_views(None, "shop") == {}
    told = Path("docs/operating.md").read_text()
    assert all(f"`{query}`" in told for query in VIEWS.values())
    assert all(address in told for address in temporal_views("http://127.0.0.1:8233", "default").values())
