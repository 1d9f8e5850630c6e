# Makes golden/survey.json: figures of R's survey package that reference.json does not have.
# Run where R and its package survey are installed, from the top of the repository:
#   Rscript tests/analysis/reference/survey.R
suppressMessages({library(survey); library(jsonlite)})
folder <- "tests/analysis/golden"
for (set in c("api", "mu284", "scd", "fpc", "election", "hospital", "crowd", "nhanes")) data(list = set)
keep <- function(data, name) write.csv(data, file.path(folder, paste0(name, ".csv")), row.names = FALSE)
figure <- function(stat) list(estimate = unname(coef(stat)), se = unname(as.vector(SE(stat))))
cases <- list()

## Several stages, one of them with few units
keep(mu284, "mu284")
two <- svydesign(id = ~id1 + id2, fpc = ~n1 + n2, data = mu284)
cases$mu284 <- list(total = figure(svytotal(~y1, two)), mean = figure(svymean(~y1, two)),
                    df = degf(two), deff = as.vector(deff(svymean(~y1, two, deff = TRUE))))

## With and without replacement, labels that start anew in each stratum
keep(fpc, "fpc")
without <- svydesign(id = ~psuid, strata = ~stratid, weights = ~weight, fpc = ~Nh, data = fpc, nest = TRUE)
with <- svydesign(id = ~psuid, strata = ~stratid, weights = ~weight, data = fpc, nest = TRUE)
cases$fpc <- list(without = figure(svytotal(~x, without)), with = figure(svytotal(~x, with)))

## Lonely units, overall and in a domain
lonely <- apistrat
lonely$district <- ifelse(lonely$stype == "E", 1:100, ifelse(lonely$stype == "H", 101, 102 + 1:50))
keep(lonely[c("cds", "stype", "district", "api00", "sch.wide", "awards", "pw", "fpc")], "lonely")
cases$lonely <- list()
for (policy in c("adjust", "average", "certainty", "remove")) {
  options(survey.lonely.psu = policy)
  d <- svydesign(id = ~district, strata = ~stype, weights = ~pw, data = lonely)
  cases$lonely[[policy]] <- list(
    mean = figure(svymean(~api00, d)), total = figure(svytotal(~api00, d)),
    by_awards = figure(svyby(~api00, ~awards, d, svymean)))
}
options(survey.lonely.psu = "fail")

## Unequal probabilities, Brewer's approximation
keep(election_pps, "election")
pps <- svydesign(id = ~1, fpc = ~p, data = election_pps, pps = "brewer")
cases$election <- list(total = figure(svytotal(~Bush + Kerry + Nader, pps)),
                       ratio = figure(svyratio(~Bush, ~votes, pps)) )

## Balanced repeated replication, by weights given and by weights made
keep(scd, "scd")
repweights <- 2 * cbind(c(1,0,1,0,1,0), c(1,0,0,1,0,1), c(0,1,1,0,0,1), c(0,1,0,1,1,0))
given <- svrepdesign(data = scd, type = "BRR", repweights = repweights, weights = ~I(rep(1, 6)), combined.weights = FALSE)
plain <- svydesign(data = scd, prob = ~I(rep(1, 6)), id = ~ambulance, strata = ~ESA, nest = TRUE)
cases$scd <- list(
  given = figure(svyratio(~alive, ~arrests, given)),
  brr = figure(svyratio(~alive, ~arrests, as.svrepdesign(plain, type = "BRR"))),
  fay = figure(svyratio(~alive, ~arrests, as.svrepdesign(plain, type = "Fay", fay.rho = 0.3))),
  jkn = figure(svyratio(~alive, ~arrests, as.svrepdesign(plain, type = "JKn"))),
  total = figure(svytotal(~alive, as.svrepdesign(plain, type = "BRR"))))


## Raked and calibrated domains
clus <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = apiclus1)
stype <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
wide <- data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))
raked <- rake(clus, list(~stype, ~sch.wide), list(stype, wide), control = list(epsilon = 1e-9, maxit = 200))
cases$raked <- list(
  by_stype = figure(svyby(~api00, ~stype, raked, svymean)),
  by_awards = figure(svyby(~as.numeric(comp.imp == "Yes"), ~awards, raked, svymean)),
  total_by_stype = figure(svyby(~enroll, ~stype, raked, svytotal)))
strat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat)
margins <- list(stype = stype, wide = wide)
calibrated <- calibrate(strat, list(~stype, ~sch.wide), margins, calfun = "raking", epsilon = 1e-10)
post <- postStratify(strat, ~sch.wide, wide)
greg <- calibrate(strat, ~stype + api99, c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069))
cases$calibrated_apistrat <- list(
  raking_by_awards = figure(svyby(~api00, ~awards, calibrated, svymean)),
  raking_mean = figure(svymean(~api00, calibrated)),
  post_mean = figure(svymean(~api00, post)),
  greg_mean = figure(svymean(~api00, greg)), greg_by_awards = figure(svyby(~api00, ~awards, greg, svymean)))
bounded <- calibrate(clus, list(~stype, ~sch.wide), list(stype, wide), calfun = "linear", bounds = c(0.5, 1.8), epsilon = 1e-10)
cases$bounded <- list(mean = figure(svymean(~api00, bounded)), g = range(weights(bounded) / weights(clus)))

## Quantiles, Woodruff intervals
quantile_figure <- function(q) list(estimate = unname(q[[1]][, "quantile"]), lower = unname(q[[1]][, 2]), upper = unname(q[[1]][, 3]), se = unname(q[[1]][, "se"]))
cases$quantiles <- list(
  apistrat = quantile_figure(svyquantile(~api00, strat, c(.25, .5, .75))),
  apiclus1 = quantile_figure(svyquantile(~api00, clus, c(.25, .5, .75))))

## Covariances
cases$covariance <- list(
  by_stype = unname(vcov(svyby(~api00, ~stype, clus, svymean, covmat = TRUE))),
  two = unname(vcov(svymean(~api00 + api99, clus))), two_strat = unname(vcov(svymean(~api00 + api99, strat))))

## Hospitals by size; persons in families, some strata with one cluster; adults with missing answers
keep(hospital, "hospital")
wards <- svydesign(id = ~hospno, strata = ~oblevel, weights = ~weighta, fpc = ~tothosp, data = hospital)
cases$hospital <- list(mean = figure(svymean(~births, wards)), total = figure(svytotal(~births, wards)),
                       by = figure(svyby(~births, ~oblevel, wards, svymean)),
                       deff = as.vector(deff(svymean(~births, wards, deff = TRUE))))
keep(crowd, "crowd")
families <- svydesign(id = ~cluster, weights = ~weight, strata = ~stratum, data = crowd, nest = TRUE)
cases$crowd <- list()
for (policy in c("adjust", "average", "certainty", "remove")) {
  options(survey.lonely.psu = policy)
  cases$crowd[[policy]] <- list(mean = figure(svymean(~rooms, families)), total = figure(svytotal(~rooms, families)),
                                ratio = figure(svyratio(~rooms, ~person, families)))
}
options(survey.lonely.psu = "fail")
keep(nhanes, "nhanes")
adults <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nhanes)
bounds <- function(method) as.vector(attr(svyciprop(~HI_CHOL, adults, na.rm = TRUE, method = method), "ci"))
cases$nhanes <- list(
  rate = figure(svymean(~HI_CHOL, adults, na.rm = TRUE)), total = figure(svytotal(~HI_CHOL, adults, na.rm = TRUE)),
  by = figure(svyby(~HI_CHOL, ~race + agecat, adults, svymean, na.rm = TRUE)), df = degf(adults),
  deff_by_race = as.vector(svyby(~HI_CHOL, ~race, adults, svymean, na.rm = TRUE, deff = TRUE)$DEff.HI_CHOL),
  logit = bounds("logit"), asin = bounds("asin"), mean = bounds("mean"), xlogit = bounds("xlogit"),
  jkn = figure(svymean(~HI_CHOL, subset(as.svrepdesign(adults, type = "JKn"), !is.na(HI_CHOL)))))

## Two stages by domain, with and without replacement
stages <- svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2)
ratio <- svyratio(~api.stu, ~enroll, stages, na.rm = TRUE)
cases$apiclus2 <- list(
  by_stype = figure(svyby(~api00, ~stype, stages, svymean)), ratio = figure(ratio),
  ratio_interval = as.vector(confint(ratio, df = degf(stages))),
  covariance = unname(vcov(svyby(~api00, ~stype, stages, svymean, covmat = TRUE))),
  deff = as.vector(deff(svymean(~api00, stages, deff = TRUE))),
  deff_replace = as.vector(deff(svymean(~api00, stages, deff = "replace"))),
  deff_total = as.vector(deff(svytotal(~api00, stages, deff = TRUE))),
  with = figure(svymean(~api00, svydesign(id = ~dnum + snum, weights = ~pw, data = apiclus2))))
cases$quantiles$apiclus2 <- quantile_figure(svyquantile(~api00, stages, c(.1, .5, .9)))
cases$quantiles$raked <- quantile_figure(svyquantile(~api00, raked, c(.1, .5, .9)))
cases$raked_deff <- list(mean = as.vector(deff(svymean(~api00, raked, deff = TRUE))), two = unname(vcov(svymean(~api00 + api99, raked))),
                         by = as.vector(svyby(~api00, ~stype + awards, raked, svymean, deff = TRUE)$DEff.api00))

## Replicate weights given with the data, in every way of reading them, and calibrated
jack <- as.svrepdesign(clus)
columns <- as.matrix(weights(jack, "analysis")); colnames(columns) <- paste0("rep", seq_len(ncol(columns)))
replicated <- cbind(apiclus1, columns)
keep(replicated[c("cds", "stype", "sch.wide", "awards", "api00", "api99", "enroll", "api.stu", "pw", colnames(columns))], "replicated")
read <- function(...) svrepdesign(data = replicated, weights = ~pw, repweights = "rep[0-9]+", combined.weights = TRUE, ...)
given <- read(type = "JK1", scale = jack$scale)
margins <- list(stype, wide)
tight <- list(epsilon = 1e-11, maxit = 500)
population <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
ask <- function(d) list(mean = figure(svymean(~api00, d)), by_awards = figure(svyby(~api00, ~awards, d, svymean)),
                        total = figure(svytotal(~enroll, d)), ratio = figure(svyratio(~api.stu, ~enroll, d)), df = degf(d))
cases$given <- list(
  scale = jack$scale, plain = ask(given), mse = ask(read(type = "JK1", scale = jack$scale, mse = TRUE)),
  other = ask(read(type = "other", scale = 1, rscales = seq(.1, 1.5, by = .1))),
  raked = ask(rake(given, list(~stype, ~sch.wide), margins, control = tight)),
  greg = ask(calibrate(given, ~stype + api99, population, compress = FALSE)),
  logit = ask(calibrate(given, ~stype + api99, population, compress = FALSE, calfun = "logit", bounds = c(.2, 3), epsilon = 1e-11)))
stratified <- as.svrepdesign(strat, type = "JKn")
again <- rake(stratified, list(~stype, ~sch.wide), margins, control = tight)
cases$jkn <- list(
  by_awards = figure(svyby(~api00, ~awards, stratified, svymean)),
  raked = figure(svymean(~api00, again)), raked_by_awards = figure(svyby(~api00, ~awards, again, svymean)),
  greg = figure(svymean(~api00, calibrate(stratified, ~stype + api99, population, compress = FALSE))))

## The likelihood interval once R's fit has converged, which its default does not wait for
converged <- function(formula, d) {
  fit <- svyglm(formula, d, family = quasibinomial, control = list(epsilon = 1e-15, maxit = 100))
  as.vector(confint(fit, 1, level = .95, method = "likelihood", ddf = degf(d)))
}
cases$likelihood <- list(
  apistrat = converged(I(sch.wide == "Yes") ~ 1, strat),
  apistrat_default = as.vector(attr(svyciprop(~I(sch.wide == "Yes"), strat, method = "likelihood"), "ci")),
  apiclus2 = converged(I(awards == "Yes") ~ 1, stages),
  apiclus2_default = as.vector(attr(svyciprop(~I(awards == "Yes"), stages, method = "likelihood"), "ci")),
  nhanes = converged(HI_CHOL ~ 1, subset(adults, !is.na(HI_CHOL))),
  nhanes_default = as.vector(attr(svyciprop(~HI_CHOL, subset(adults, !is.na(HI_CHOL)), method = "likelihood"), "ci")))

## Three stages, some with a single unit, in strata: schools in districts in counties, drawn from apipop
set.seed(7)
population <- apipop[!is.na(apipop$cnum) & !is.na(apipop$dnum), ]
population$region <- ifelse(population$cnum <= 20, "a", ifelse(population$cnum <= 38, "b", "c"))
some <- function(values, n) { values <- sort(unique(values)); if (length(values) > 1) sample(values, min(n, length(values))) else values }
drawn <- do.call(rbind, lapply(split(population, population$region), function(region) do.call(rbind, lapply(some(region$cnum, 5), function(county) {
  inside <- region[region$cnum == county, ]
  do.call(rbind, lapply(some(inside$dnum, 4), function(district) {
    schools <- inside[inside$dnum == district, ]
    taken <- schools[sample(nrow(schools), min(3, nrow(schools))), ]
    cbind(taken, N1 = length(unique(region$cnum)), N2 = length(unique(inside$dnum)), N3 = nrow(schools))
  }))
}))))
keep(drawn[c("cds", "stype", "region", "cnum", "dnum", "api00", "enroll", "api.stu", "awards", "N1", "N2", "N3")], "three")
three <- read.csv(file.path(folder, "three.csv"))
cases$three <- list()
for (policy in c("adjust", "average", "certainty", "remove")) {
  options(survey.lonely.psu = policy)
  d <- svydesign(id = ~cnum + dnum + cds, strata = ~region, fpc = ~N1 + N2 + N3, data = three)
  cases$three[[policy]] <- list(
    mean = figure(svymean(~api00, d)), total = figure(svytotal(~api00, d)), by_stype = figure(svyby(~api00, ~stype, d, svymean)),
    ratio = figure(svyratio(~api.stu, ~enroll, d, na.rm = TRUE)), df = degf(d), deff = as.vector(deff(svymean(~api00, d, deff = TRUE))))
}
options(survey.lonely.psu = "fail")

## Balanced halves of fifteen strata (R takes the units of a stratum as they come, we by their labels)
pairs <- names(which(tapply(nhanes$SDMVPSU, nhanes$SDMVSTRA, function(unit) length(unique(unit))) == 2))
halved <- nhanes[nhanes$SDMVSTRA %in% pairs, ]
halved <- halved[order(halved$SDMVPSU), ]
halves <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = halved)
cases$halves <- list(strata = as.numeric(pairs))
for (type in c("BRR", "Fay")) {
  d <- if (type == "Fay") as.svrepdesign(halves, type = type, fay.rho = 0.3) else as.svrepdesign(halves, type = type)
  cases$halves[[tolower(type)]] <- list(mean = figure(svymean(~HI_CHOL, d, na.rm = TRUE)), by = figure(svyby(~HI_CHOL, ~race, d, svymean, na.rm = TRUE)))
}

## Bootstrap weights made by R; with more replicates than units their rank counts
set.seed(3)
boot <- as.svrepdesign(clus, type = "bootstrap", replicates = 25)
columns <- as.matrix(weights(boot, "analysis")); colnames(columns) <- paste0("rep", seq_len(ncol(columns)))
booted <- cbind(apiclus1[c("stype", "api00", "enroll", "pw")], columns)
keep(booted, "booted")
for (mse in c(FALSE, TRUE)) {
  d <- svrepdesign(data = booted, weights = ~pw, repweights = "rep[0-9]+", type = "bootstrap", combined.weights = TRUE, scale = boot$scale, rscales = boot$rscales, mse = mse)
  high <- subset(d, stype == "H")
  cases$booted[[if (mse) "mse" else "plain"]] <- list(
    mean = figure(svymean(~api00, d)), total = figure(svytotal(~enroll, d)), df = degf(d), df_high = degf(high), high = figure(svymean(~api00, high)))
}
cases$booted$scale <- boot$scale
cases$booted$rscales <- boot$rscales

## Unequal base weights calibrated, by domain
population_greg <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
calibrated <- list(
  raked = calibrate(stages, list(~stype, ~sch.wide), list(stype, wide), calfun = "raking", epsilon = 1e-11),
  post = postStratify(stages, ~stype, stype), greg = calibrate(stages, ~stype + api99, population_greg),
  logit = calibrate(stages, ~stype + api99, population_greg, calfun = "logit", bounds = c(.4, 2.5), epsilon = 1e-11))
cases$calibrated_apiclus2 <- lapply(calibrated, function(d) list(
  mean = figure(svymean(~api00, d)), by_awards = figure(svyby(~api00, ~awards, d, svymean)), ratio = figure(svyratio(~api.stu, ~enroll, d, na.rm = TRUE)),
  total_by_stype = figure(svyby(~api00, ~stype, d, svytotal))))
cases$raked_rake_apiclus2 <- figure(svymean(~api00, rake(stages, list(~stype, ~sch.wide), list(stype, wide), control = list(epsilon = 1e-9, maxit = 500))))

## What R's intervals and quantiles do at the edges: rows without an answer, and shares below the first
answered <- subset(adults, !is.na(HI_CHOL))
cases$edges <- list(
  beta = as.vector(attr(svyciprop(~HI_CHOL, answered, method = "beta"), "ci")),
  beta_with_missing = bounds("beta"),
  lowest_of_six = unname(svyquantile(~rooms, svydesign(id = ~cluster, data = crowd, weights = ~weight), .1, ci = FALSE)[[1]][1]))

writeLines(toJSON(cases, digits = 14, auto_unbox = TRUE, pretty = TRUE), file.path(folder, "survey.json"))

## The same schools as files of SPSS and Stata (package haven), one answer missing
if (requireNamespace("haven", quietly = TRUE)) {
  kept <- apistrat[c("stype", "sch.wide", "awards", "api00", "pw", "fpc")]
  names(kept)[2] <- "sch_wide"
  for (name in c("stype", "sch_wide", "awards")) kept[[name]] <- as.character(kept[[name]])
  kept$api00[1] <- NA
  haven::write_sav(kept, file.path(folder, "apistrat.sav"))
  haven::write_dta(kept, file.path(folder, "apistrat.dta"))
}
