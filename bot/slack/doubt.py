"""What a channel's people are told when Slack gave no answer, and nobody knows whether a message came through."""

DIGEST_IN_DOUBT = "The last coffee stats may not have come through: Slack gave no answer. /coffee shows them now."
THREAD_IN_DOUBT = "A part of the last coffee stats may not have come through: Slack gave no answer. /coffee shows all."
CARD_IN_DOUBT = "A card may not have come through: Slack gave no answer. /account shows how the account stands."
