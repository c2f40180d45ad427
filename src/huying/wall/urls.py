"""The wall's addresses. Every new one is tried for everyone in tests/wall/test_wall.py."""

from django.urls import path

from huying.wall import pages

urlpatterns = [
    path("wall", pages.wall, name="wall"),
    path("wall/enter", pages.enter, name="wall_enter"),
    path("wall/now", pages.now_, name="wall_now"),
    path("wall/shapes", pages.shapes, name="wall_shapes"),
]
