"""An edit of a picture, its alt text, hashtags, campaign or inbox lines is an edit like any other: a new version, a new
fingerprint, and no yes from before it counts."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from db import audit, posts, teasers
from db.records import State, SubjectKind
from scheduler import newsroom
from scheduler.newsroom import Changed, Refused
from scheduler.rewording import Rewording
from tests.desk.test_verbs import PNG
from tests.scheduler.house import MAIL, SETTINGS, house

APPROVE = SETTINGS.replace('kind = "x"', 'kind = "x"\npublish = "approve"')
UTM = '\n[links.utm]\nutm_source = "{kind}"\n'


def test_each_change_makes_a_new_fingerprint_and_ends_the_yes_before_it(tmp_path: Path) -> None:
    with house(tmp_path, APPROVE + UTM) as h:
        story = h.take()
        h.work()
        picture = newsroom.keep_upload(h.app, PNG).sha256
        for asked in (
            Rewording(picture=picture),
            Rewording(alt="A ferry at night"),
            Rewording(hashtags=("Ferry",)),
            Rewording(utm={"utm_campaign": "night"}),
        ):
            (yes,) = newsroom.approve(h.app, story, actor="ada", channels=["x-main"])
            changed = newsroom.edit(h.app, story, "x-main", asked, actor="ben")
            assert isinstance(changed, Changed)
            held = h.of(story, "x-main")
            assert held.fingerprint != yes.delivery.fingerprint, asked
            assert (held.state, held.approved_fingerprint) == (State.WAITING, None), asked
        with h.app.ground.reading() as tx:
            (part,) = posts.get(tx, held.post_id).parts
            rows = [row for row in audit.rows(tx) if row.verb == "edit"]
        assert (part.images[0].sha256, part.images[0].alt) == (picture, "A ferry at night")
        assert "#Ferry" in part.text
        assert "utm_campaign=night" in part.text
        assert len(rows) == 4
        assert any(row.after == "alt: A ferry at night" for row in rows)
        newsroom.approve(h.app, story, actor="ada", channels=["x-main"])
        h.work()
        (post,) = h.platforms.published("x")
        assert post.text == part.text  # what the editor saw is what goes out
        with pytest.raises(Refused):
            newsroom.edit(h.app, story, "x-main", Rewording(hashtags=()), actor="ben")


def test_a_picture_that_may_not_go_or_is_not_there_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = h.take()
        h.work()
        for channel, picture, why in (
            ("x-main", "story", "no picture of its own"),
            ("x-main", "f" * 64, "not kept here"),
            ("x-main", "../../etc/passwd", "not kept here"),
            ("mail", "f" * 64, "by their web address"),
        ):
            with pytest.raises(Refused, match=why):
                newsroom.edit(h.app, story, channel, Rewording(picture=picture), actor="ben")
        with pytest.raises(Refused, match="no JPEG, PNG, GIF or WebP"):
            newsroom.keep_upload(h.app, b"<svg onload='alert(1)'/>")
        claims = PNG[:16] + struct.pack(">II", 60_000, 60_000) + PNG[24:]
        with pytest.raises(Refused, match="250 megapixels"):
            newsroom.keep_upload(h.app, claims)
        with pytest.raises(Refused, match="nothing to change"):
            newsroom.edit(h.app, story, "x-main", Rewording(), actor="ben")
        with h.app.ground.reading() as tx:
            assert {one.version for one in teasers.every(tx, SubjectKind.ARTICLE, story)} == {1}


def test_a_mails_inbox_lines_are_the_next_version_of_its_words(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = h.take()
        h.work()
        asked = Rewording(subject="Boats at night", preheader="What the council said")
        newsroom.edit(h.app, story, "mail", asked, actor="ben")
        with h.app.ground.reading() as tx:
            newest = teasers.newest(tx, SubjectKind.ARTICLE, story, "mail")
        assert newest is not None
        assert (newest.version, newest.subject, newest.preheader) == (2, "Boats at night", "What the council said")
        part = h.app.silent(h.app.outlets["mail"]).compose(newest).parts[0]
        assert (part.subject, part.preheader) == ("Boats at night", "What the council said")
