"""Every error that can reach a user, a client or the other process.

    VoiceError
     ├─ InputError                  the peer sent something we cannot take; the session goes on
     │   ├─ MalformedMessage        malformed_message
     │   ├─ UnknownType             unknown_type
     │   ├─ Unsupported             unsupported
     │   ├─ MessageTooLarge         message_too_large
     │   ├─ BadAudio                bad_audio
     │   ├─ HelloRepeated           hello_repeated
     │   ├─ InsecureConnection      insecure_connection
     │   ├─ NoSummary               no_summary (retryable)
     │   └─ BufferFull              buffer_full (retryable)
     ├─ AccessError                 who is asking
     │   ├─ OriginRefused           origin_refused
     │   ├─ Unauthorized            unauthorized
     │   ├─ IdentityUnavailable     identity_unavailable (retryable)
     │   ├─ UserRefused             user_refused
     │   ├─ SignatureRefused        signature_refused
     │   ├─ SessionRefused          session_refused
     │   └─ VersionMismatch         version_mismatch
     ├─ CapacityError               full for now
     │   ├─ AtCapacity              at_capacity (retryable)
     │   ├─ SpeechAtCapacity        speech_at_capacity (retryable)
     │   └─ ClientTooSlow           client_too_slow (retryable)
     ├─ SttError                    speech to text
     │   ├─ SttUnavailable          stt_unavailable (retryable)
     │   ├─ SttRefused              stt_refused
     │   ├─ AudioLost               audio_lost
     │   ├─ SttLimit                stt_limit (retryable)
     │   └─ SttTimeout              stt_timeout (retryable)
     ├─ TtsError                    text to speech; the text still goes out
     │   ├─ TtsUnavailable          tts_unavailable (retryable)
     │   ├─ TtsRefused              tts_refused
     │   └─ TtsThrottled            tts_throttled (retryable)
     ├─ TurnError                   one turn
     │   ├─ TurnFailed              turn_failed
     │   ├─ TurnConflict            turn_conflict
     │   ├─ SessionMoved            session_moved
     │   ├─ SessionNotOpen          session_not_open (retryable)
     │   ├─ InboxOverflow           inbox_overflow
     │   └─ AnswerFailed            answer_failed (retryable)
     ├─ LinkError                   between the relay and the receiver
     │   ├─ ReceiverUnavailable     receiver_unavailable (retryable)
     │   ├─ ReceiverTimeout         receiver_timeout (retryable)
     │   └─ ForeignStore            foreign_store
     ├─ BankError                   the bank of the person who talks
     │   ├─ BankUnauthorized        bank_unauthorized
     │   ├─ BankForbidden           bank_forbidden
     │   ├─ BankNotFound            bank_not_found
     │   ├─ BankRefused             bank_refused
     │   ├─ BankBusy                bank_busy (retryable)
     │   ├─ BankUnavailable         bank_unavailable (retryable)
     │   └─ BankTimeout             bank_timeout (retryable)
     ├─ HookError                   whoever is told of due reminders
     │   ├─ HookUnavailable         hook_unavailable (retryable)
     │   └─ HookRefused             hook_refused
     ├─ StoreUnavailable            store_unavailable (retryable)
     ├─ SecretsUnavailable          secrets_unavailable (retryable)
     ├─ SettingsError               settings
     └─ InternalError               internal_error

Codes are stable: a client may branch on them. `retryable` says whether the same request may succeed
later without anybody changing anything. `message` is one sentence for the person who talks, so it
carries no address, path, key or traceback; what an operator needs goes to the log.
"""

from __future__ import annotations

from typing import ClassVar


class VoiceError(Exception):
    """Root of the tree. `code` and `retryable` belong to the class, `message` to the instance."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    sentence: ClassVar[str] = "Something went wrong."

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.sentence
        super().__init__(self.message)


class InputError(VoiceError):
    code = "bad_input"
    sentence = "That message could not be understood."


class MalformedMessage(InputError):
    code = "malformed_message"
    sentence = "That message is not in the form the specification asks for."


class UnknownType(InputError):
    code = "unknown_type"
    sentence = "That type of message is not known here."


class Unsupported(InputError):
    code = "unsupported"
    sentence = "That is not supported here."


class MessageTooLarge(InputError):
    code = "message_too_large"
    sentence = "That message is too long."


class BadAudio(InputError):
    code = "bad_audio"
    sentence = "That audio is not 16 kHz, 16-bit, mono PCM; the piece was left out."


class HelloRepeated(InputError):
    code = "hello_repeated"
    sentence = "This connection has said hello already; the second one was left out."


class InsecureConnection(InputError):
    code = "insecure_connection"
    sentence = "Somebody on the way could read your credentials, so they were left out; use a secure address."


class NoSummary(InputError):
    code = "no_summary"
    retryable = True
    sentence = "There is no summary of that call, or not yet."


class BufferFull(InputError):
    code = "buffer_full"
    retryable = True
    sentence = "Too much is waiting for an answer already; please say that again in a moment."


class AccessError(VoiceError):
    code = "access"
    sentence = "That is not allowed."


class OriginRefused(AccessError):
    code = "origin_refused"
    sentence = "Pages from that address may not use this relay."


class Unauthorized(AccessError):
    code = "unauthorized"
    sentence = "The token is missing or wrong."


class IdentityUnavailable(AccessError):
    code = "identity_unavailable"
    retryable = True
    sentence = "Who you are cannot be checked right now; please try again in a moment."


class UserRefused(AccessError):
    code = "user_refused"
    sentence = "The token is not that user's."


class SessionRefused(AccessError):
    code = "session_refused"
    sentence = "This session belongs to somebody else, or its resume token is missing."


class SignatureRefused(AccessError):
    code = "signature_refused"
    sentence = "This request is not signed by whom it claims to come from."


class VersionMismatch(AccessError):
    code = "version_mismatch"
    sentence = "The two sides speak different versions of the protocol; one of them needs an update."


class CapacityError(VoiceError):
    code = "capacity"
    retryable = True
    sentence = "All places are taken; please try again in a minute."


class AtCapacity(CapacityError):
    code = "at_capacity"


class SpeechAtCapacity(CapacityError):
    code = "speech_at_capacity"
    sentence = "Too many people are talking at once for this machine; please try again in a minute."


class ClientTooSlow(CapacityError):
    code = "client_too_slow"
    sentence = "This connection is too slow to take the answers; please reconnect."


class SttError(VoiceError):
    code = "stt"
    sentence = "Speech cannot be transcribed right now."


class SttUnavailable(SttError):
    code = "stt_unavailable"
    retryable = True


class SttRefused(SttError):
    code = "stt_refused"
    sentence = "The speech service refused this relay; its operator needs to look at the settings."


class AudioLost(SttError):
    code = "audio_lost"
    sentence = "Some audio was left out: too much of it was waiting."


class SttLimit(SttError):
    code = "stt_limit"
    retryable = True
    sentence = "The speech service has no free place right now; trying again."


class SttTimeout(SttError):
    code = "stt_timeout"
    retryable = True
    sentence = "The speech service did not answer in time; trying again."


class TtsError(VoiceError):
    code = "tts"
    sentence = "This answer could not be spoken; here is its text."


class TtsUnavailable(TtsError):
    code = "tts_unavailable"
    retryable = True


class TtsRefused(TtsError):
    code = "tts_refused"


class TtsThrottled(TtsError):
    code = "tts_throttled"
    retryable = True


class TurnError(VoiceError):
    code = "turn"
    sentence = "This could not be answered."


class TurnFailed(TurnError):
    code = "turn_failed"
    sentence = "This was not answered. It is still shown here; please say or send it again."


class TurnConflict(TurnError):
    code = "turn_conflict"
    sentence = "This turn was stored before with other words."


class SessionMoved(TurnError):
    code = "session_moved"
    sentence = "This conversation goes on somewhere else."


class SessionNotOpen(TurnError):
    code = "session_not_open"
    retryable = True
    sentence = "This session has not been opened on this connection."


class InboxOverflow(TurnError):
    code = "inbox_overflow"
    sentence = "The answer came in too many pieces at once and was given up."


class AnswerFailed(TurnError):
    code = "answer_failed"
    retryable = True
    sentence = "The assistant could not find an answer."


class LinkError(VoiceError):
    code = "link"
    sentence = "The assistant cannot be reached right now."


class ReceiverUnavailable(LinkError):
    code = "receiver_unavailable"
    retryable = True
    sentence = "One moment, please: the assistant is not there right now. Nothing is lost."


class ReceiverTimeout(LinkError):
    code = "receiver_timeout"
    retryable = True
    sentence = "The assistant takes unusually long; still waiting."


class ForeignStore(LinkError):
    code = "foreign_store"
    sentence = "This receiver keeps another store; it cannot take over these conversations."


class BankError(VoiceError):
    code = "bank"
    sentence = "Your bank did not give an answer."


class BankUnauthorized(BankError):
    code = "bank_unauthorized"
    sentence = "Your bank does not accept your access token; it may have expired or been taken back."


class BankForbidden(BankError):
    code = "bank_forbidden"
    sentence = "Your bank does not allow that with your access token."


class BankNotFound(BankError):
    code = "bank_not_found"
    sentence = "Your bank does not know what was asked for; it may be gone by now."


class BankRefused(BankError):
    code = "bank_refused"
    sentence = "Your bank did not accept that."


class BankBusy(BankError):
    """`retry_after` is how many seconds the bank asks us to wait, if it said."""

    code = "bank_busy"
    retryable = True
    sentence = "Your bank gets too many requests right now; please ask again in a minute."

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BankUnavailable(BankError):
    code = "bank_unavailable"
    retryable = True
    sentence = "Your bank cannot be reached right now; please try again in a moment."


class BankTimeout(BankError):
    code = "bank_timeout"
    retryable = True
    sentence = "Your bank takes too long to answer; please try again in a moment."


class HookError(VoiceError):
    code = "hook"
    sentence = "A reminder could not be sent on."


class HookUnavailable(HookError):
    code = "hook_unavailable"
    retryable = True


class HookRefused(HookError):
    code = "hook_refused"


class StoreUnavailable(VoiceError):
    code = "store_unavailable"
    retryable = True
    sentence = "What you said cannot be written down right now; trying again."


class SecretsUnavailable(VoiceError):
    """The deployer's secret store did not say whether there is a secret."""

    code = "secrets_unavailable"
    retryable = True
    sentence = "Your access cannot be looked up right now; please try again in a moment."


class SettingsError(VoiceError):
    """A wrong, missing or unknown setting. `message` names the variable and what it takes."""

    code = "settings"
    sentence = "A setting is wrong."


class InternalError(VoiceError):
    code = "internal_error"
    sentence = "Something went wrong here; it has been noted."
