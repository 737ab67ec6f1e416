"""Amazon Transcribe streaming.

    engine        one a process: the AWS account, the transport
    stream        one a conversation: `AudioStreamHandler`
    events        what comes back: `TranscriptEventHandler`
    websocket     the WebSocket interface, behind a URL that `presign` signs; the default
    http2         the amazon-transcribe package's own client, on `crt_connection`, tamed by `paced_body`
    vocabulary    the custom vocabulary that streams ask for
    account       credentials, endpoint and trust, from AWS's own variables and files
    failures      every way to fail, as one of ours

Both transports use the amazon-transcribe package's event models, event-stream codec and handler. That package is in
maintenance (its deprecation was announced in November 2025), so nothing outside of this folder imports it.
"""

from relay.stt.transcribe.engine import TranscribeEngine
from relay.stt.transcribe.events import TranscriptEventHandler
from relay.stt.transcribe.stream import AudioStreamHandler

__all__ = ["AudioStreamHandler", "TranscribeEngine", "TranscriptEventHandler"]
