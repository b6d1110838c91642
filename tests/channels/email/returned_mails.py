"""Mails as they come back: reports in the standards' form, and letters that servers write in words of their own."""

from __future__ import annotations

import textwrap


def report(
    to: str = "bounce@news.example.org",
    reader: str = "ann@example.org",
    status: str = "5.1.1",
    action: str = "failed",
    words: str = "550 5.1.1 no such user",
    message_id: str = "<abc@news.example.org>",
) -> bytes:
    """A delivery report (RFC 3464)."""
    return _mail(
        f"""
        From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
        To: {to}
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="B"

        --B
        Content-Type: text/plain

        I am sorry.

        --B
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.net

        Final-Recipient: rfc822; {reader}
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; {words}

        --B
        Content-Type: text/rfc822-headers

        From: The Daily <daily@news.example.org>
        Message-ID: {message_id}

        --B--
        """
    )


def complaint(to: str = "bounce@news.example.org", reader: str = "ann@example.org", kind: str = "abuse") -> bytes:
    """A feedback report (RFC 5965)."""
    return _mail(
        f"""
        From: <feedback@isp.example.net>
        To: {to}
        Subject: FW: Bridge opens
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="B"

        --B
        Content-Type: text/plain

        This is an abuse report.

        --B
        Content-Type: message/feedback-report

        Feedback-Type: {kind}
        User-Agent: SomeGenerator/1.0
        Version: 1
        Original-Rcpt-To: <{reader}>

        --B
        Content-Type: message/rfc822

        From: The Daily <daily@news.example.org>
        To: {reader}
        Message-ID: <abc@news.example.org>
        Subject: Bridge opens

        Words

        --B--
        """
    )


HOLIDAY = b"""From: ann@example.org\r
To: bounce@news.example.org\r
Subject: Out of office\r
Auto-Submitted: auto-replied\r
\r
I am away until Monday. 5.1.1 is not a status here.\r
"""

LETTER = b"""From: Ann <ann@example.org>\r
To: daily@news.example.org\r
Subject: Your piece on the bridge\r
\r
Thank you!\r
"""

QMAIL = b"""From: MAILER-DAEMON@mx.example.net\r
To: bounce@news.example.org\r
Subject: failure notice\r
\r
Hi. This is the qmail-send program at mx.example.net.\r
I'm afraid I wasn't able to deliver your message to the following addresses.\r
This is a permanent error; I've given up. Sorry it didn't work out.\r
\r
<ann@example.org>:\r
Sorry, no mailbox here by that name. (#5.1.1)\r
\r
--- Below this line is a copy of the message.\r
\r
Return-Path: <daily@news.example.org>\r
"""


def _mail(text: str) -> bytes:
    return textwrap.dedent(text).lstrip("\n").replace("\n", "\r\n").encode()
