"""Legal forms of companies, as they stand in folded names: small Latin letters, dots and slashes left out."""

import re

from anyascii import anyascii

ENDINGS = frozenset(
    form
    for forms in (
        "inc incorporated corp corporation co company llc lllp llp lp pllc ltd limited plc private pty pvt pte public",
        "ag gmbh ggmbh gesmbh mbh mbb kg kgaa ohg gbr ug ek eg se",
        "sa sas sasu sarl eurl snc sca gie sccl scrl sprl srl bvba asbl vzw vof sagl",
        "spa ss sapa sapi cv sl slu sll slne lda ltda limitada eirl",
        "bv nv ab aktiebolag as asa aps ivs hf ehf oy oyj abp ky tmi ou sia uab",
        "spzoo oo spk spj sro spol ks vos doo dd ad ead eood ood kft bt rt zrt nyrt",
        "ooo oao zao pao ao too tov",
        "kk gk jsc pjsc ojsc sdn bhd tbk fze fzco saoc saog",
    )
    for form in forms.split()
)
BEGINNINGS = frozenset(("ooo", "oao", "zao", "pao", "ao", "too", "tov", "ip", "fop", "pt", "uab", "sia", "the"))
BETWEEN = frozenset(("and", "sp", "z"))  # as in GmbH & Co. KG and sp. z o.o.; never a form by themselves
# Written without a space before or after them.
ATTACHED = re.compile("(株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限責任公司|有限公司|주식회사|유한회사)")
SHORTENED = {"(株)": "株式会社", "(有)": "有限会社", "(주)": "주식회사", "(유)": "유한회사"}
NATIVE = frozenset(anyascii(form).lower() for form in ATTACHED.pattern.strip("()").split("|"))
