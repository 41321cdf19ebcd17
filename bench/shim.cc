/* SPDX-License-Identifier: MIT */
#include "shim.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>
#include <vector>

namespace
{

const char *const *counter_names;
bool csv;
bool first_run = true;
int failures;

benchmark::State &real(struct shim_state *state)
{
    return *reinterpret_cast<benchmark::State *>(state);
}

bool asks_for_csv(const char *text)
{
    return text != nullptr && std::strstr(text, "csv") != nullptr;
}

/* The file reporter's format is not to be had from the public interface. */
bool find_csv(int argc, char **argv)
{
    bool found = asks_for_csv(std::getenv("BENCHMARK_FORMAT")) ||
                 asks_for_csv(std::getenv("BENCHMARK_OUT_FORMAT"));
    for (int i = 1; i < argc; i++) {
        found = found || (std::strstr(argv[i], "_format=") != nullptr && asks_for_csv(argv[i]));
    }
    return found;
}

/* Not a number: the columns must be there, but this benchmark did not measure them. */
void add_missing_columns(benchmark::State &state)
{
    for (const char *const *name = counter_names; name != nullptr && *name != nullptr; name++) {
        if (state.counters.find(*name) == state.counters.end()) {
            state.counters[*name] = std::numeric_limits<double>::quiet_NaN();
        }
    }
}

} // namespace

void shim_initialize(int *argc, char **argv, void (*help)(void))
{
    static void (*own_help)(void);
    own_help = help;
    csv = find_csv(*argc, argv);
    /* Without a least time the first pass is the only one: each benchmark knows how long it takes.
     */
    static char no_least_time[] = "--benchmark_min_time=0";
    std::vector<char *> flags(argv, argv + *argc);
    flags.push_back(no_least_time);
    int count = static_cast<int>(flags.size());
    flags.push_back(nullptr);
    benchmark::Initialize(&count, flags.data(), [] {
        own_help();
        benchmark::PrintDefaultHelp();
    });
    std::copy(flags.begin(), flags.begin() + count, argv);
    *argc = count;
}

bool shim_unrecognized(int argc, char **argv)
{
    return benchmark::ReportUnrecognizedArguments(argc, argv);
}

void shim_counter_names(const char *const *names)
{
    counter_names = names;
}

void shim_describe(const char *key, const char *value)
{
    benchmark::AddCustomContext(key, value);
}

void shim_register(const char *name, shim_function *function, void *context)
{
    auto body = [function, context](benchmark::State &state) {
        function(reinterpret_cast<struct shim_state *>(&state), context);
        if (csv && first_run) {
            add_missing_columns(state);
        }
        first_run = false;
    };
    benchmark::RegisterBenchmark(name, body)->UseManualTime()->Unit(benchmark::kNanosecond);
}

bool shim_repeat(struct shim_state *state, uint64_t iterations)
{
    /* One iteration was asked for; it counts as many as it is told. */
    return real(state).KeepRunningBatch(static_cast<benchmark::IterationCount>(iterations));
}

void shim_pause(struct shim_state *state)
{
    real(state).PauseTiming();
}

void shim_resume(struct shim_state *state)
{
    real(state).ResumeTiming();
}

void shim_set_time(struct shim_state *state, double seconds)
{
    real(state).SetIterationTime(seconds);
}

void shim_counter(struct shim_state *state, const char *name, double value)
{
    real(state).counters[name] = value;
}

void shim_label(struct shim_state *state, const char *text)
{
    real(state).SetLabel(text);
}

void shim_fail(struct shim_state *state, const char *message)
{
    failures++;
    real(state).SkipWithError(message);
}

bool shim_is_console(void)
{
    return dynamic_cast<benchmark::ConsoleReporter *>(benchmark::CreateDefaultDisplayReporter()) !=
           nullptr;
}

int shim_run(void)
{
    size_t matched = benchmark::RunSpecifiedBenchmarks(benchmark::CreateDefaultDisplayReporter());
    std::cout.flush();
    benchmark::Shutdown();
    return matched > 0 && failures == 0 ? 0 : 1;
}
