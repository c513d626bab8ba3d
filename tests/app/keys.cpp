/// The table of keys, jobs read against it, and the documentation made from it.
#include "keys.hpp"

#include "running.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <set>

using namespace lop;
using namespace lop::app;
using doctest::Contains;
using running::contains;

namespace {

Job parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
    return parse_job(text, "folder/job.toml", overrides);
}

/// The text of the error that parsing throws; empty if it throws none.
std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
    try {
        parse(text, overrides);
    } catch (const JobError& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("an empty job holds the defaults of the table") {
    const Job job = parse("");
    for (const Key& key : keys()) CHECK(key.text(job) == key.text(Job{}));
    CHECK(job.set_keys.empty());
}

TEST_CASE("every key has a name of its own, a section that exists, and words") {
    std::set<std::string> paths, known;
    for (const Section& section : sections()) known.insert(section.name);
    for (const Key& key : keys()) {
        CAPTURE(key.path());
        CHECK(paths.insert(key.path()).second);
        CHECK(known.contains(key.section));
        CHECK(key.words.ends_with("."));
        CHECK(key.words.find('\n') == std::string::npos);
        CHECK(!key.kind().empty());
        CHECK(!key.default_text().empty());
        CHECK(find_key(key.path()) == &key);
        if (key.quantity) CHECK_NOTHROW(to_si(key.unit, *key.quantity));
    }
}

TEST_CASE("every default can be written in a job and reads as itself") {
    for (const Key& key : keys()) {
        const std::string text = key.text(Job{});
        if (text == "\"\"" || text == "[]") continue;  // unset
        if (!key.fallback.empty()) continue;           // derived unless set
        CAPTURE(key.path());
        const Job job =
            parse((key.section.empty() ? "" : "[" + key.section + "]\n") + key.name + " = " + text);
        CHECK(key.text(job) == text);
        CHECK(job.set_keys == std::vector<std::string>{key.path()});
    }
}

TEST_CASE("the job that results carry reads as the job that made them") {
    const Job job = parse("title = \"t\"\n[wavelet]\ndelay = 0\n[records]\nsamples = 600",
                          {"time.interval=2 ms"});
    const Job again = parse(problem_text(job));
    CHECK(again.wavelet.delay == 0);
    for (const Key& key : keys()) CHECK(key.text(again) == key.text(job));
}

TEST_CASE("quantities carry their unit, or are plain numbers in SI units") {
    CHECK(parse("[time]\ninterval = \"4 ms\"").time.interval == doctest::Approx(0.004));
    CHECK(parse("[time]\ninterval = \"4000us\"").time.interval == doctest::Approx(0.004));
    CHECK(parse("[time]\ninterval = 0.004").time.interval == 0.004);
    CHECK(parse("[wavelet]\nfrequency = \"0.03 kHz\"").wavelet.frequency == doctest::Approx(30));
    CHECK(parse("[wavelet]\nfrequency = 30").wavelet.frequency == 30);
    CHECK(parse("[preconditioning]\nmute_velocity = \"1.5 km/s\"").preconditioning.mute_velocity ==
          1500);
    CHECK(parse("[model]\nspacing = [\"7.5 m\", \"5 m\"]").model.spacing ==
          std::vector<double>{7.5, 5});
    CHECK(parse("[model]\nspacing = \"7.5 m\"").model.spacing == std::vector<double>{7.5});
    CHECK(parse("[sources]\nfirst = [\"1 km\", 20]").sources.first ==
          std::vector<double>{1000, 20});
}

TEST_CASE(
    "a value of the wrong kind or unit is refused, naming the line, the key and what is known") {
    CHECK(contains(refusal("\n[time]\ninterval = \"4 Hz\""),
                   "folder/job.toml, line 3: the key time.interval"));
    CHECK(contains(refusal("[time]\ninterval = \"4 Hz\""), "one of s, ms, us"));
    CHECK(contains(refusal("[time]\ninterval = \"4\""), "a unit"));
    CHECK(contains(refusal("[time]\ninterval = \"fast\""), "time"));
    CHECK(contains(refusal("[time]\ninterval = true"), "expected time"));
    CHECK(contains(refusal("[time]\ninterval = -1"), "positive"));
    CHECK(contains(refusal("[time]\ninterval = nan"), "finite"));
    CHECK(contains(refusal("[time]\nsamples = 3.5"), "whole number"));
    CHECK(contains(refusal("[time]\nsamples = [1, 2]"), "whole number"));
    CHECK(contains(refusal("[output]\npictures = 1"), "true or false"));
    CHECK(contains(refusal("precision = \"singel\""), "\"single\""));
    CHECK(contains(refusal("[model]\nshape = [60, 0]"), "positive"));
    CHECK(contains(refusal("[model]\nshape = []"), "list of whole numbers"));
}

TEST_CASE("an unknown key is refused with the nearest known ones") {
    CHECK(contains(refusal("[inversion]\niteration = 5"), "there is no key inversion.iteration"));
    CHECK(contains(refusal("[inversion]\niteration = 5"), "a key like inversion.iterations"));
    CHECK(contains(refusal("[inversion]\niteration = 5"), "line 2"));
    CHECK(contains(refusal("[time]\nfrequency = 5"), "wavelet.frequency"));
    CHECK(contains(refusal("interval = 5"), "time.interval"));
    CHECK(contains(refusal("[wavelet]\nzzzzzzzz = 5"), "lop help job"));
    CHECK(contains(refusal("[modle]\nkind = \"file\""), "one like [model]"));
    CHECK(contains(refusal("[zzzzzzzz]\nkind = \"file\""), "one of model, background"));
    CHECK(contains(refusal("[model.kind]\nx = 1"), "model.kind"));
    CHECK(contains(refusal("[time\nsamples = 4"), "this is not TOML"));
    CHECK(contains(refusal("[time]\ninterval = 4 ms"), "quotes"));
}

TEST_CASE("overrides win over the file, with quotes or without") {
    const std::string text = "[inversion]\niterations = 5\n";
    CHECK(parse(text, {"inversion.iterations=7"}).inversion.iterations == 7);
    CHECK(
        parse(text, {"inversion.iterations=7", "inversion.iterations = 8"}).inversion.iterations ==
        8);
    CHECK(parse(text, {"inversion.solver=cgls"}).inversion.solver == "cgls");
    CHECK(parse(text, {"inversion.solver=\"cgls\""}).inversion.solver == "cgls");
    CHECK(parse(text, {"time.interval=2 ms"}).time.interval == doctest::Approx(0.002));
    CHECK(parse(text, {"time.interval=0.002"}).time.interval == 0.002);
    CHECK(parse(text, {"sources.last=[\"2 km\", 10]"}).sources.last ==
          std::vector<double>{2000, 10});
    CHECK(parse(text, {"model.file=a/b.h5"}).model.file == "a/b.h5");
    CHECK(parse(text, {"title=a=b"}).general.title == "a=b");
    CHECK(contains(refusal(text, {"inversion.iterations"}), "section.key=value"));
    CHECK(contains(refusal(text, {"=7"}), "section.key=value"));
    CHECK(
        contains(refusal(text, {"inversion.iterations=many"}), "--set inversion.iterations=many"));
    CHECK(contains(refusal(text, {"inversion.iteration=7"}), "a key like inversion.iterations"));
}

TEST_CASE("the nearest names are those of the least edit distance") {
    const std::vector<std::string> known{"samples", "interval", "simple"};
    CHECK(nearest("sample", known) == std::vector<std::string>{"samples", "simple"});
    CHECK(nearest("intervall", known) == std::vector<std::string>{"interval"});
    CHECK(nearest("quite else", known).empty());
}

TEST_CASE("a relative file is looked up beside the job, then under LOP_DATA") {
    const running::Folder jobs, data;
    running::write_file(jobs / "here.f32", "x");
    running::write_file(data / "here.f32", "x");
    running::write_file(data / "there.f32", "x");
    Job job;
    job.path = jobs / "job.toml";
    const Communicator self = Communicator::self();
    const char* before = std::getenv("LOP_DATA");
    const std::string saved = before != nullptr ? before : "";

    ::setenv("LOP_DATA", data.path().c_str(), 1);
    CHECK(find_file(job, "here.f32", self) == (jobs / "here.f32").string());
    CHECK(find_file(job, "there.f32", self) == (data / "there.f32").string());
    CHECK(find_file(job, (data / "here.f32").string(), self) == (data / "here.f32").string());
    CHECK_THROWS_WITH_AS(find_file(job, "none.f32", self), Contains((data / "none.f32").c_str()),
                         FileError);
    ::unsetenv("LOP_DATA");
    CHECK_THROWS_WITH_AS(find_file(job, "there.f32", self), Contains("set LOP_DATA"), FileError);
    if (before != nullptr) ::setenv("LOP_DATA", saved.c_str(), 1);
}

TEST_CASE("help and docs/jobs.md list every key with its default") {
    const std::string help = help_text();
    const std::string page = running::read_file(running::source_folder() / "docs" / "jobs.md");
    REQUIRE(!page.empty());
    for (const Key& key : keys()) {
        CAPTURE(key.path());
        CHECK(contains(help, "  " + key.name));
        CHECK(contains(help, key.default_text()));
        CHECK(contains(help, key.words));
    }
    CHECK_MESSAGE(contains(page, help_markdown()),
                  "docs/jobs.md is not what `lop help job --markdown` prints");
}

TEST_CASE("the jobs that are shipped can be read") {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{running::example_jobs()}) {
        CAPTURE(entry.path().string());
        CHECK_NOTHROW(read_job(entry.path(), {}, Communicator::self()));
        ++count;
    }
    CHECK(count >= 4);
}
