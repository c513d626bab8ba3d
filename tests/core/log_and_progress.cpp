/// Tests of the log's levels and of the progress bar.
#include <lop/core/log.hpp>
#include <lop/core/progress.hpp>

#include <doctest/doctest.h>
#include <sstream>
#include <string>
#include <vector>

using namespace lop;

namespace {

/// Collects lines, and restores the log's state at the end of the scope.
class Capture {
 public:
    Capture() : root_{logging::is_root()}, last_{logging::verbosity()} {
        logging::set_root(true);
        logging::set_verbosity(logging::Level::info);
        logging::set_sink(
            [this](logging::Level, std::string_view line) { lines.emplace_back(line); });
    }
    ~Capture() {
        logging::set_sink({});
        logging::set_root(root_);
        logging::set_verbosity(last_);
    }
    std::vector<std::string> lines;

 private:
    bool root_;
    logging::Level last_;
};

/// A stream that believes to be a terminal, and a clock that is wound by hand.
struct Stage {
    std::ostringstream out;
    double time = 100;
    ProgressOptions options() {
        return {.stream = &out, .terminal = true, .clock = [this] { return time; }, .interval = 1};
    }
};

}  // namespace

TEST_CASE("warnings and errors say so, information is plain, debugging is silent at first") {
    Capture capture;
    logging::info("four shots");
    logging::warning("a dead trace");
    logging::error("no disk");
    logging::debug("detail");
    CHECK(capture.lines ==
          std::vector<std::string>{"four shots", "warning: a dead trace", "error: no disk"});
}

TEST_CASE("a warning that a loop meets again is said once") {
    Capture capture;
    for (int i = 0; i < 3; ++i) logging::warning("coarse");
    logging::warning("another");
    CHECK(capture.lines == std::vector<std::string>{"warning: coarse", "warning: another"});
}

TEST_CASE("the verbosity is the last level that is printed") {
    Capture capture;
    logging::set_verbosity(logging::Level::error);
    logging::warning("not this");
    logging::error("this");
    CHECK(capture.lines == std::vector<std::string>{"error: this"});
    CHECK_FALSE(logging::speaks(logging::Level::warning));
    logging::set_verbosity(logging::Level::debug);
    logging::debug("now this");
    CHECK(capture.lines.back() == "now this");
}

TEST_CASE("only the root process speaks") {
    Capture capture;
    logging::set_root(false);
    logging::error("unheard");
    CHECK(capture.lines.empty());
    CHECK_FALSE(logging::speaks(logging::Level::error));
}

TEST_CASE("progress shows a bar, per cent, time gone and time left, and ends its line") {
    const Capture capture;
    Stage stage;
    {
        Progress progress{"LSQR", 20, "iterations", stage.options()};
        stage.time += 18;
        progress.update(9, "|r| 3.1e-02");
    }
    CHECK(stage.out.str() ==
          "\rLSQR [=======>        ]  45 %  9/20 iterations  0:18, 0:22 left  |r| 3.1e-02\n");
}

TEST_CASE("progress is drawn no more often than its interval, but always at the end") {
    const Capture capture;
    Stage stage;
    Progress progress{"shots", 4, "", stage.options()};
    progress.update(1);
    const auto first = stage.out.str();
    CHECK_FALSE(first.empty());
    stage.time += 0.5;
    CHECK_FALSE(progress.due(2));
    progress.update(2);
    CHECK(stage.out.str() == first);
    stage.time += 0.6;
    CHECK(progress.due(3));
    progress.update(4);
    std::string last = "shots [================] 100 %  4/4  0:01";
    REQUIRE(last.size() < first.size() - 1);
    last.resize(first.size() - 1, ' ');
    CHECK(stage.out.str() == first + "\r" + last);
}

TEST_CASE("a shorter line covers the whole of a longer one") {
    const Capture capture;
    Stage stage;
    Progress progress{"x", 2, "", stage.options()};
    progress.update(1, "a long note on the state");
    const auto length = stage.out.str().size();
    stage.out.str("");
    progress.update(2);
    CHECK(stage.out.str().size() == length);
}

TEST_CASE("without a total there is no bar and no time left") {
    const Capture capture;
    Stage stage;
    {
        Progress progress{"reading", 0, "traces", stage.options()};
        stage.time += 3700;
        progress.update(123);
    }
    CHECK(stage.out.str() == "\rreading  123 traces  1:01:40\n");
}

TEST_CASE("a line never grows beyond 79 columns") {
    const Capture capture;
    Stage stage;
    Progress progress{"x", 3, "", stage.options()};
    progress.update(1, std::string(200, 'y'));
    CHECK(stage.out.str().size() == 80);  // with the carriage return
}

TEST_CASE("in a pipe, and on other ranks than the root, progress writes nothing") {
    const Capture capture;
    Stage stage;
    {
        ProgressOptions pipe = stage.options();
        pipe.terminal = false;
        Progress progress{"LSQR", 4, "", pipe};
        progress.update(1);
        CHECK_FALSE(progress.due(4));
    }
    {
        ProgressOptions guess = stage.options();
        guess.terminal.reset();  // a stream that is not stderr is no terminal unless it is said
        Progress progress{"LSQR", 4, "", guess};
        progress.update(1);
    }
    {
        logging::set_root(false);
        Progress progress{"LSQR", 4, "", stage.options()};
        progress.update(1);
    }
    CHECK(stage.out.str().empty());
}

TEST_CASE("progress that never began ends without a line") {
    const Capture capture;
    Stage stage;
    {
        Progress progress{"LSQR", 4, "", stage.options()};
    }
    CHECK(stage.out.str().empty());
}
