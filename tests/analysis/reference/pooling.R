# Makes golden/pooling.json: rates pooled over waves by R's survey package, the waves stacked.
# Waves are made of its school samples: what schools answered (sch.wide, comp.imp, awards) stands
# for the same question asked three times. Run from the top of the repository:
#   Rscript tests/analysis/reference/pooling.R
suppressMessages({library(survey); library(jsonlite)})
data(api)
pooled <- function(rows, id, strata, fpc = NULL) {
  rows$stratum <- rows[[strata]]
  design <- if (is.null(fpc)) svydesign(id = id, strata = ~stratum, weights = ~pw, data = rows)
    else svydesign(id = id, strata = ~stratum, weights = ~pw, fpc = fpc, data = rows)
  whole <- svymean(~y, design)
  by <- svyby(~y, ~area, design, svymean)
  list(estimate = c(coef(whole), coef(by)), se = c(SE(whole), SE(by)))
}
schools <- apistrat
schools$place <- seq_len(nrow(schools)) - 1  # from 0
schools$area <- ifelse(schools$place %% 2 == 0, "even", "odd")
schools$part <- interaction(schools$stype, schools$area)
schools$fpc <- schools$fpc / 2  # of each part
asked <- c("sch.wide", "comp.imp", "awards")
wave <- function(number, rows) data.frame(schools[rows, c("place", "part", "area", "pw", "fpc")],
  wave = number, y = as.numeric(schools[rows, asked[number]] == "Yes"))
everyone <- do.call(rbind, lapply(1:3, wave, rows = TRUE))
apart <- do.call(rbind, lapply(1:3, function(w) wave(w, schools$place %/% 2 %% 3 == w - 1)))
apart$stratum_wave <- interaction(apart$wave, apart$part)
apart$row <- seq_len(nrow(apart))
rotating <- do.call(rbind, lapply(1:3, function(w) wave(w, schools$place %/% 2 %% 3 != w - 1)))
out <- list(panel = pooled(everyone, ~place, "part", ~fpc),
  apart = pooled(apart, ~row, "stratum_wave"), rotating = pooled(rotating, ~place, "part"))
write(toJSON(lapply(out, lapply, unname), digits = 15, auto_unbox = TRUE, pretty = TRUE),
  "tests/analysis/golden/pooling.json")
