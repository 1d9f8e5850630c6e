# Makes golden/associations.json: tests and models of R's survey package on its school samples.
# Run where R and its package survey are installed, from the top of the repository:
#   Rscript tests/analysis/reference/associations.R
suppressMessages({library(survey); library(jsonlite)})
data(api)
control <- glm.control(epsilon = 1e-14, maxit = 100)
designs <- list(
  apistrat = svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat),
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = apiclus1),
  apiclus2 = svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2),
  apisrs = svydesign(id = ~1, weights = ~pw, fpc = ~fpc, data = apisrs))
designs$raked <- calibrate(designs$apiclus1, ~stype + sch.wide, calfun = "raking", epsilon = 1e-12,
  population = c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, sch.wideYes = 5122))
test <- function(t) list(statistic = unname(t$statistic), df = unname(t$parameter), p = unname(t$p.value))
model <- function(m) list(terms = names(coef(m)), estimate = unname(coef(m)), se = unname(SE(m)), df = m$df.residual)
cases <- lapply(designs, function(d) list(
  first = test(svychisq(~sch.wide + stype, d, statistic = "Chisq")),
  f = test(svychisq(~sch.wide + stype, d, statistic = "F")),
  wide = test(svychisq(~comp.imp + stype, d, statistic = "F")),
  t = test(svyttest(api00 ~ sch.wide, d)),
  wilcoxon = test(svyranktest(api00 ~ sch.wide, d)),
  waerden = test(svyranktest(api00 ~ sch.wide, d, test = "vanderWaerden")),
  median = test(svyranktest(api00 ~ sch.wide, d, test = "median")),
  linear = model(svyglm(api00 ~ ell + meals + stype, d)),
  logistic = model(svyglm(I(sch.wide == "Yes") ~ ell + meals, d, family = quasibinomial, control = control)),
  domain = model(svyglm(api00 ~ ell, subset(d, stype != "H")))))
# Interactions, missing answers, domains, a calibration on a number; another survey.
data(nhanes)
schools <- designs$apistrat
greg <- calibrate(schools, ~stype + api99,
  population = c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069))
adults <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nhanes)
logit <- function(f, d) model(svyglm(f, d, family = quasibinomial, control = control))
cases$further <- list(
  interaction = model(svyglm(api00 ~ ell * stype, schools)),
  numbers = model(svyglm(api00 ~ ell * meals, schools)),
  without_first_code = model(svyglm(api00 ~ as.character(stype) + ell, subset(schools, stype != "E"))),
  domain = logit(I(awards == "Yes") ~ ell + stype, subset(schools, sch.wide == "Yes")),
  two_stages = model(svyglm(api00 ~ enroll + stype, designs$apiclus2)),
  greg_linear = model(svyglm(api00 ~ ell + meals, greg)),
  greg_logistic = logit(I(awards == "Yes") ~ ell, greg),
  greg_domain = model(svyglm(api00 ~ ell, subset(greg, stype != "E"))),
  adults = logit(HI_CHOL ~ factor(race) + agecat + RIAGENDR, adults),
  adults_domain = logit(HI_CHOL ~ agecat, subset(adults, race == 1)),
  f_domain = test(svychisq(~awards + sch.wide, subset(schools, stype != "H"), statistic = "F")),
  f_greg = test(svychisq(~awards + comp.imp, greg, statistic = "F")),
  f_adults = test(svychisq(~HI_CHOL + race, adults, statistic = "F")),
  f_adults_domain = test(svychisq(~HI_CHOL + agecat, subset(adults, RIAGENDR == 1), statistic = "F")),
  t_two_stages = test(svyttest(enroll ~ comp.imp, designs$apiclus2)),
  t_adults = test(svyttest(HI_CHOL ~ RIAGENDR, adults)),
  t_adults_domain = test(svyttest(HI_CHOL ~ RIAGENDR, subset(adults, race == 2))),
  rank_greg = test(svyranktest(api00 ~ awards, greg)),
  rank_domain = test(svyranktest(api00 ~ awards, subset(schools, stype != "H"))),
  rank_adults = test(svyranktest(HI_CHOL ~ RIAGENDR, adults)))
write(toJSON(cases, digits = 15, auto_unbox = TRUE, pretty = TRUE), "tests/analysis/golden/associations.json")
