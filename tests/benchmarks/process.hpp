/// What a row costs: seconds, memory, and the time to a first result; over all ranks.
#pragma once

#include <lop/distributed/communicator.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Since the process began: field 22 of /proc/self/stat (proc(5)), in ticks since the machine did.
inline double age_of_process() {
    std::ifstream file{"/proc/self/stat"};
    const std::string stat{std::istreambuf_iterator<char>{file}, {}};
    std::istringstream fields{stat.substr(stat.rfind(')') + 2)};  // from the third on
    const std::vector<std::string> words{std::istream_iterator<std::string>{fields}, {}};
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) -
           std::stod(words.at(19)) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// When a row began, and how long the process had taken to start.
struct Start {
    Clock::time_point begin = Clock::now();
    double before = 0;
    double first_result() const { return before + seconds_since(begin); }
};

/// Of each rank the median of its times, of all ranks the longest.
inline double median_seconds(int repeat, const std::function<void()>& work) {
    std::vector<double> taken;
    for (int i = 0; i < repeat; ++i) {
        lop::Communicator::world().barrier();
        const auto start = Clock::now();
        work();
        taken.push_back(seconds_since(start));
    }
    std::nth_element(taken.begin(), taken.begin() + repeat / 2, taken.end());
    return lop::Communicator::world().max(taken[static_cast<std::size_t>(repeat / 2)]);
}

/// Resident at most, of all ranks together, so far; in 10^6 bytes.
inline lop::index_t peak_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return lop::Communicator::world().sum(usage.ru_maxrss) * 1024 / 1'000'000;
}

}  // namespace bench
