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
write(toJSON(cases, digits = 15, auto_unbox = TRUE, pretty = TRUE), "tests/analysis/golden/associations.json")
