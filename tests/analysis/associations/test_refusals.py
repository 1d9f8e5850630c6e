"""What tests and models say of questions that the data cannot answer."""

import numpy as np
import pytest

from analysis import DesignError, SurveyDesign
from analysis.associations import rank_test, rao_scott, regress, t_test

DATA = {
    "aware": ["y", "n", "y", None, "y", "n", "n", "y"],
    "sex": list("ffffmmmm"),
    "age": [20, 30, 40, 50, 25, 35, 45, 60],
    "kind": list("abcabcab"),
    "same": ["x"] * 8,
    "nothing": [None] * 8,
    "one": [1] * 8,
    "points": [3, 1, 4, 1, 5, 9, 2, 6],
    "doubled": [6, 2, 8, 2, 10, 18, 4, 12],
}


def test_a_table_counts_who_gave_both_answers():
    table = rao_scott(SurveyDesign(DATA), "aware", "sex")
    assert table.n == 7
    assert table.share.sum() == pytest.approx(1)
    assert (table.rows, table.columns) == (("n", "y"), ("f", "m"))


def test_answers_that_are_missing_by_code_leave_the_table():
    table = rao_scott(SurveyDesign(DATA), "kind", "sex", missing=["c"])
    assert (table.rows, table.n) == (("a", "b"), 6)


def test_a_simple_sample_gives_pearsons_own_test():
    chance = np.random.default_rng(5)
    data = {"a": chance.choice(list("xyz"), 300), "b": chance.choice(list("pq"), 300)}
    table = rao_scott(SurveyDesign(data), "a", "b")
    np.testing.assert_allclose(table.eigenvalues, 300 / 299, rtol=1e-9)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda d: rao_scott(d, "aware", "same"), "both must take at least two values"),
        (lambda d: t_test(d, "age", "kind"), "two groups; kind makes 3"),
        (lambda d: t_test(d, "nothing", "sex"), "Nobody answered both nothing and sex"),
        (lambda d: t_test(d, "one", "sex"), "one does not vary within the groups of sex"),
        (lambda d: rao_scott(d, "nothing", "sex"), "Nobody answered both"),
        (lambda d: rao_scott(d, "aware", "sex", codes=["maybe"]), "has no code maybe"),
        (lambda d: rank_test(d, "age", "sex", scores="best"), "no rank scores best"),
        (lambda d: regress(d, "age + sex"), "is not of the form y ~ a"),
        (lambda d: regress(d, "age ~ sex | kind"), "cannot be read"),
        (lambda d: regress(d, "age ~ sex * kind * same"), "cannot be read"),
        (lambda d: regress(d, "age ~ sex:kind"), "needs sex as a term of its own"),
        (lambda d: regress(d, "age ~ nowhere"), "no column nowhere"),
        (lambda d: regress(d, "aware=maybe ~ age"), "has no code maybe"),
        (lambda d: regress(d, "age ~ same"), "same is the same for everyone"),
        (lambda d: regress(d, "same=x ~ age"), "the outcome is the same for everyone"),
        (
            lambda d: regress(d, "aware ~ age"),
            "aware holds codes; say which of them count: aware=n",
        ),
        (lambda d: regress(d, "age ~ nothing"), "too few"),
        (lambda d: regress(d, "age ~ points + doubled"), "do not differ enough"),
        (lambda d: regress(d, "sex=f ~ C(sex)"), "tell the outcome for certain"),
        (lambda d: t_test(d.replicate("jk1"), "age", "sex"), "leave replicates out"),
    ],
)
def test_what_cannot_be_tested_is_said(ask, words):
    with pytest.raises(DesignError, match=words):
        ask(SurveyDesign(DATA))


def test_codes_of_numbers_become_terms_on_request():
    data = DATA | {"code": [1, 2, 3, 1, 2, 3, 1, 2]}
    found = regress(SurveyDesign(data), "age ~ C(code)")
    assert found.terms == ("(Intercept)", "code=2", "code=3")


def test_a_logistic_model_shows_odds_ratios():
    data = DATA | {"y": [1, 0, 1, 0, 1, 1, 0, 1]}
    table = regress(SurveyDesign(data), "y ~ age").to_arrow()
    np.testing.assert_allclose(table["odds_ratio"].to_numpy(), np.exp(table["estimate"].to_numpy()))
