"""Where a person can turn whom the clinic does not see: read out to them, never sent by mail."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from consults.states import DeclineReason

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# Nobody is left without a next step. What is named here is public and free to look at.
SIGNPOSTS: dict[str, "StrPromise"] = {
    DeclineReason.OUT_OF_AREA: _(
        "Their own doctor or health plan can name someone closer to home. "
        "FindTreatment.gov lists care in every state."
    ),
    DeclineReason.UNDER_18: _(
        "Their doctor or pediatrician can say who near them treats young people. "
        "988 is for young people too."
    ),
    DeclineReason.COST: _(
        "Community health centers charge by income: FindAHealthCenter.hrsa.gov. "
        "Their health plan can say what it covers."
    ),
    DeclineReason.CHOSE_ANOTHER: _("They can write to us again whenever they like."),
    DeclineReason.CHANGED_MIND: _(
        "They can write to us again whenever they like. In a bad hour, 988 answers day and night."
    ),
    DeclineReason.CLINICIAN: _(
        "Their own doctor can talk through what else may help. "
        "The clinician, not the front desk, says why."
    ),
}
