# Times R's survey package on the tasks of tests/benchmarks/estimation.py; prints JSON.
suppressMessages(library(survey))
data <- read.csv(commandArgs(TRUE)[1])
design <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = data)
took <- function(task) system.time(task)[["elapsed"]]
times <- list(
  "version" = paste0("\"", packageVersion("survey"), "\""),
  "overall" = took(for (y in c("y0", "y1", "y2")) svyciprop(as.formula(paste0("~", y)), design, method = "logit")),
  "500 domains, nested" = took(svyby(~y0 + y1 + y2, ~nested, design, svymean)))
cat("\n{", paste0('"', names(times), '": ', unlist(times), collapse = ", "), "}\n", sep = "")
