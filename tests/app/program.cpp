/// The program from outside: results, equal bits on ranks, and inputs that are refused.
#include "running.hpp"
#include "support/public_data.hpp"
#include <lop/io/array.hpp>
#include <lop/io/hdf5.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

using namespace running;
using lop::io::Hdf5File;

namespace {

void write_floats(const std::filesystem::path& path, const std::vector<float>& values) {
    write_file(path, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

/// Least squares comes nearer to truth and data than migration, and its residual falls.
void check_least_squares_wins(const Hdf5File& file, std::size_t iterations) {
    const auto residual = file.read_whole<double>("history/residual");
    REQUIRE(residual.size() == iterations + 1);
    for (std::size_t i = 1; i < residual.size(); ++i) CHECK(residual[i] < residual[i - 1]);

    const auto figure = [&](const char* name, const char* what) {
        return file.attribute<double>(name, what);
    };
    CHECK(figure("image", "correlation") > figure("rtm", "correlation"));
    CHECK(figure("image", "relative_residual") < figure("rtm", "relative_residual"));
    // A migration with the best scale is the first step of LSQR; the last residual is LSQR's own.
    CHECK(figure("rtm", "relative_residual") == doctest::Approx(residual[1]).epsilon(1e-4));
    CHECK(figure("image", "relative_residual") == doctest::Approx(residual.back()).epsilon(1e-3));
}

const std::string file_model =
    " --set model.kind=file --set model.unit=km/s --set model.shape=[60,40] --set model.spacing=15";

}  // namespace

TEST_CASE(
    "lsrtm of the built-in section writes results that beat migration and a residual that falls") {
    const Folder folder;
    write_file(folder / "job.toml", small_job());
    const Outcome done = run(folder, "lsrtm job.toml --output out", {.ranks = 2});
    INFO(done.err);
    REQUIRE(done.code == 0);
    for (const char* name : {"model.png", "background.png", "reflectivity.png", "rtm.png",
                             "image.png", "convergence.png", "shot.png"}) {
        CHECK(read_file(folder / "out" / name).starts_with("\x89PNG"));
        CHECK(contains(done.out, name));
    }
    const auto file = Hdf5File::open(folder / "out/results.h5");
    for (const char* name : {"m", "m0", "reflectivity", "rtm", "image"}) {
        CHECK(file.extents(name) == lop::io::Extents{60, 40});
        CHECK(file.attribute<std::string>(name, "unit") == "s2/m2");
        CHECK(file.attribute<std::vector<double>>(name, "spacing") == std::vector<double>{15, 15});
    }
    check_least_squares_wins(file, 4);
    // Quiet in a pipe: no bar, and nothing that draws over itself.
    CHECK(!contains(done.out + done.err, "\r"));
    CHECK(!contains(done.err, "%"));
}

TEST_CASE("1, 2, 3 and 4 ranks write the same bytes, with uneven shares of shots") {
    const Folder folder;
    write_file(folder / "job.toml", small_job());
    std::vector<std::string> images, records;
    for (const int ranks : {0, 1, 2, 3, 4}) {
        const std::string out = "out" + std::to_string(ranks);
        const Outcome done =
            run(folder,
                "lsrtm job.toml --set output.pictures=false --set output.records=hdf5 "
                "--set inversion.iterations=2 --output " +
                    out,
                {.ranks = ranks});
        INFO(done.err);
        REQUIRE(done.code == 0);
        images.push_back(read_file(folder / out / "results.h5"));
        const Outcome modelled = run(
            folder, "model job.toml --set output.pictures=false --output " + out, {.ranks = ranks});
        REQUIRE(modelled.code == 0);
        records.push_back(read_file(folder / out / "records.segy"));
    }
    REQUIRE(!images.front().empty());
    REQUIRE(!records.front().empty());
    for (const std::string& bytes : images) CHECK(bytes == images.front());
    for (const std::string& bytes : records) CHECK(bytes == records.front());
    const auto image = Hdf5File::open(folder / "out3/results.h5").read_whole<float>("image");
    CHECK(std::any_of(image.begin(), image.end(), [](float v) { return v != 0; }));
}

TEST_CASE("records that lop model wrote, as SEG-Y or HDF5, migrate like those made on the fly") {
    const Folder folder;
    write_file(folder / "job.toml", small_job());
    const std::string quiet = " --set output.pictures=false ";
    REQUIRE(run(folder, "model job.toml --output d" + quiet).code == 0);
    REQUIRE(run(folder, "model job.toml --output d --set output.records=hdf5" + quiet).code == 0);
    REQUIRE(run(folder, "rtm job.toml --output made" + quiet).code == 0);
    const auto made = Hdf5File::open(folder / "made/results.h5").read_whole<float>("rtm");
    for (const char* name : {"d/records.segy", "d/records.h5"}) {
        CAPTURE(name);
        const Outcome done =
            run(folder,
                "rtm job.toml --output read --set records.kind=file --set records.file=" +
                    std::string{name} + quiet,
                {.ranks = 2});
        INFO(done.err);
        REQUIRE(done.code == 0);
        const auto read = Hdf5File::open(folder / "read/results.h5").read_whole<float>("rtm");
        double gap = 0, size = 0;
        for (std::size_t i = 0; i < made.size(); ++i) {
            gap += std::pow(made[i] - read[i], 2);
            size += std::pow(made[i], 2);
        }
        CHECK(std::sqrt(gap) <=
              1e-5 * std::sqrt(size));  // positions in SEG-Y are whole millimetres
    }
}

TEST_CASE("check tests the job's operators in both precisions, as a table and as JSON") {
    const Folder folder;
    write_file(folder / "job.toml", small_job());
    const Outcome table = run(folder, "check job.toml", {.ranks = 2});
    INFO(table.out);
    CHECK(table.code == 0);
    CHECK(count_of(table.out, "pass") == 16);
    const Outcome json = run(folder, "check job.toml --json");
    CHECK(json.code == 0);
    const std::regex line{
        R"re(\{"name": "[^"]+", "kind": "(dot|linearity|taylor)", "scalar": "float(32|64)", )re"
        R"re(("error": [0-9.e+-]+|"orders": \[[0-9.-]+, [0-9.-]+\]), )re"
        R"re("limit": [0-9.e+-]+, "pass": true\})re"};
    std::istringstream lines{json.out};
    std::set<std::string> kinds;
    int count = 0;
    for (std::string text; std::getline(lines, text); ++count) {
        CAPTURE(text);
        std::smatch match;
        CHECK(std::regex_match(text, match, line));
        kinds.insert(match[1].str() + match[2].str());
    }
    CHECK(count == 16);
    CHECK(kinds.size() == 6);
}

TEST_CASE("a record cut short is read as its error proposes") {
    const Folder folder;
    write_file(folder / "job.toml", small_job());
    REQUIRE(run(folder, "model job.toml --output d --set output.pictures=false").code == 0);
    const std::string bytes = read_file(folder / "d/records.segy");
    write_file(folder / "cut.segy", bytes.substr(0, bytes.size() - 100));
    const Outcome refused = run(folder, "info cut.segy");
    CHECK(refused.code != 0);
    CHECK(contains(refused.err, "set accept_truncated"));
    const std::string accept = " --set records.accept_truncated=true";
    CHECK(contains(run(folder, "info cut.segy" + accept).out, "149 traces of 150 samples"));
    CHECK(run(folder, "plot cut.segy --shot 4" + accept).code == 0);
    const Outcome migrated =
        run(folder,
            "rtm job.toml --output out --set output.pictures=false --set records.kind=file "
            "--set records.file=cut.segy" +
                accept);
    INFO(migrated.err);
    CHECK(migrated.code == 0);
    CHECK(contains(migrated.out, "5 shots, 149 traces"));
}

TEST_CASE("help, info and plot speak") {
    const Folder folder;
    write_file(folder / "job.toml", small_job());
    CHECK(contains(run(folder, "--help").out, "lsrtm"));
    CHECK(contains(run(folder, "help job").out, "interval"));
    CHECK(contains(run(folder, "info job.toml").out, "iterations = 4"));
    REQUIRE(run(folder, "model job.toml --output d").code == 0);
    const Outcome segy = run(folder, "info d/records.segy");
    CHECK(contains(segy.out, "150 traces of 150 samples every 4 ms"));
    CHECK(contains(segy.out, "5 shots of 30 traces"));
    REQUIRE(run(folder, "plot d/records.segy --shot 2 -o shot2.png").code == 0);
    CHECK(read_file(folder / "shot2.png").starts_with("\x89PNG"));
    REQUIRE(run(folder, "rtm job.toml --output d").code == 0);
    CHECK(contains(run(folder, "info d/results.h5").out, "rtm"));
    REQUIRE(run(folder, "plot d/results.h5 --dataset rtm").code == 0);
    CHECK(read_file(folder / "results-rtm.png").starts_with("\x89PNG"));
    REQUIRE(run(folder, "plot job.toml").code == 0);
    CHECK(read_file(folder / "job-background.png").starts_with("\x89PNG"));

    const Outcome shot = run(folder, "plot d/records.segy --shot 5");
    CHECK(shot.code != 0);
    CHECK(contains(shot.err, "a shot from 0 to 4"));
    const Outcome dataset = run(folder, "plot d/results.h5 --dataset none");
    CHECK(dataset.code != 0);
    CHECK(contains(dataset.err, "one of "));
    CHECK(run(folder, "info none.h5").code != 0);

    // What says nothing about a kind of file is refused beside it.
    const auto refused = [&](const std::string& arguments, const std::string& words) {
        const Outcome ended = run(folder, arguments);
        CAPTURE(arguments);
        CHECK(ended.code != 0);
        CHECK(contains(ended.err, words));
    };
    refused("plot d/records.segy --dataset rtm", "an HDF5 file, which holds datasets");
    refused("plot d/results.h5 --dataset rtm --shot 1", "a SEG-Y file, which holds shots");
    refused("plot job.toml --shot 1", "a SEG-Y file, which holds shots");
    refused("info d/results.h5 --set records.samples=7", "says itself how it is to be read");
    refused("info d/records.segy --set time.samples=7", "a key of [records]");
    CHECK(run(folder, "mirgate job.toml").code != 0);
    CHECK(run(folder, "").code != 0);
}

TEST_CASE("lop model keeps snapshots of a shot, and lop plot makes a sheet and a movie of them") {
    const Folder folder;
    write_file(folder / "job.toml",
               small_job() + "[snapshots]\nfile = \"u.h5\"\nevery = 25\nshot = 3\nstride = [2]\n");
    const Outcome done = run(folder, "model job.toml --output d", {.ranks = 2});
    INFO(done.err);
    REQUIRE(done.code == 0);
    CHECK(contains(done.out, "snapshots of shot 3"));
    CHECK(read_file(folder / "d/u.png").starts_with("\x89PNG"));
    CHECK(contains(read_file(folder / "d/u.xdmf"), "u.h5:/snapshots"));
    const auto file = Hdf5File::open(folder / "d/u.h5");
    const auto extents = file.extents("snapshots");
    REQUIRE(extents.size() == 3);
    CHECK(extents[0] >= 10);
    CHECK(extents[1] == 20);
    CHECK(extents[2] == 30);
    CHECK(file.attribute<std::string>("snapshots", "quantity") == "pressure");
    const auto values = file.read_whole<float>("snapshots");
    CHECK(std::any_of(values.end() - 600, values.end(), [](float v) { return v != 0; }));

    // The records are those of a job without snapshots.
    REQUIRE(run(folder, "model job.toml --output e --set snapshots.file=''").code == 0);
    CHECK(read_file(folder / "d/records.segy") == read_file(folder / "e/records.segy"));
    CHECK(!std::filesystem::exists(folder / "e/u.h5"));

    CHECK(contains(run(folder, "info d/u.h5").out, "quantity = pressure"));
    REQUIRE(run(folder, "plot d/u.h5").code == 0);
    CHECK(read_file(folder / "u.png") == read_file(folder / "d/u.png"));
    REQUIRE(run(folder, "plot d/u.h5 --dataset model").code == 0);
    CHECK(read_file(folder / "u-model.png").starts_with("\x89PNG"));
    // A gradient by several parameters: a picture of each.
    lop::io::write_array(
        (folder / "g.h5").string(),
        lop::DistributedSpace<float>{"g", lop::Shape{3, 20, 30}, lop::Communicator::self()}.random(
            1));
    REQUIRE(run(folder, "plot g.h5").code == 0);
    for (const char* picture : {"g-array-0.png", "g-array-1.png", "g-array-2.png"})
        CHECK(read_file(folder / picture).starts_with("\x89PNG"));
    CHECK(read_file(folder / "g-array-0.png") != read_file(folder / "g-array-1.png"));
    const Outcome stack = run(folder, "plot g.h5 -o g.png");
    CHECK(stack.code != 0);
    CHECK(contains(stack.err, "leave -o away"));
    const Outcome movie = run(folder, "plot d/u.h5 -o u.apng");
    REQUIRE(movie.code == 0);
    CHECK(contains(movie.out, "ffmpeg -i u.apng u.mp4"));
    CHECK(count_of(read_file(folder / "u.apng"), "fcTL") == extents[0]);
    const Outcome other = run(folder, "plot d/u.h5 -o u.gif");
    CHECK(other.code != 0);
    CHECK(contains(other.err, "ffmpeg -i NAME.apng u.gif"));
}

namespace {

struct BadInput {
    std::string name;
    std::string arguments;
    std::string message;  // a part of it
    std::string way_out;
    std::string before = {};
};

std::vector<BadInput> bad_inputs(const Folder& folder) {
    std::vector<float> model(60 * 40, 1.5F);
    write_floats(folder / "good.f32", model);
    write_floats(folder / "short.f32", {model.begin(), model.end() - 7});
    model[777] = std::numeric_limits<float>::quiet_NaN();
    write_floats(folder / "nan.f32", model);
    write_file(folder / "short.segy", std::string(5000, '\0'));
    write_file(folder / "blocked", "a file where a folder is asked for");
    const std::string segy = " --set records.kind=file --set records.file=";
    return {
        {"missing file", file_model + " --set model.file=none.f32", "none.f32", "LOP_DATA"},
        {"truncated file", file_model + " --set model.file=short.f32", "short.f32",
         "check the extents"},
        {"wrong shape", file_model + " --set model.file=good.f32 --set model.shape=[61,40]",
         "61 x 40", "60"},
        {"NaN in the model", file_model + " --set model.file=nan.f32", "nan.f32", "repair"},
        {"no unit",
         " --set model.kind=file --set model.shape=[60,40] --set model.spacing=15 --set "
         "model.file=good.f32",
         "without a unit", "declare unit"},
        {"unstable step", " --set 'propagation.time_step=9 ms'", "propagation.time_step",
         "leave the key out"},
        {"receiver outside", " --set 'receivers.last=[\"5 km\", \"10 m\"]'",
         "receiver of shot 0 outside the model", "extend the model"},
        {"unknown key", " --set inversion.iteration=3", "inversion.iteration",
         "inversion.iterations"},
        {"source sampled too coarsely", " --set 'time.interval=50 ms'", "sampled too coarsely",
         "an interval of at most 13 ms"},
        {"limit that no grid keeps", " --set propagation.dispersion_limit=1e-20", "too coarse",
         "a lower frequency"},
        {"endless smoothing", " --set 'background.length=1e20 m'", "smoothed over", "1.5e+07 m"},
        {"endless count", " --set receivers.count=9223372036854775807",
         "9223372036854775807 points", "fewer points"},
        {"endless layer", " --set propagation.layer_cells=9223372036854775807", "absorbing layer",
         "a million cells"},
        {"endless steps", " --set propagation.time_step=1e-300", "steps of 1e-300 s",
         "a longer time step"},
        {"comb beyond the steps", " --set propagation.history_every=100000", "every 100000th step",
         "fewer than"},
        {"a folder for no history", " --set propagation.history_folder=/tmp",
         "history_folder without", "the memory beyond which"},
        {"no room for a history", " --set propagation.history_memory=1e-6",
         "history of the forward field", "room for one increment"},
        {"a history of two kinds",
         " --set propagation.history_storage=half --set propagation.history_frequencies=[5,10]",
         "at some frequencies, and in 16 bits", "one of these"},
        {"frequencies that steps do not carry", " --set propagation.history_frequencies=[5,100000]",
         "at 100000 Hz", "frequencies that ascend"},
        {"silent sources", " --set 'wavelet.delay=1000 s'", "reach no receiver", "delay"},
        {"a point of three numbers", " --set 'sources.first=[1,2,3]'", "sources.first", "[x, z]"},
        {"grid too coarse", " --set 'wavelet.frequency=40 Hz'", "too coarse", "spacing"},
        {"broken records", segy + "short.segy", "short.segy", ""},
        {"no folder", " --set output.folder=blocked/out", "blocked", ""},
        {"no memory", " --set model.shape=[100000000,100000000]", "GiB asked for",
         "smaller extents"},
        {"full disk",
         " --set output.records=hdf5 --set receivers.count=900 --set time.samples=20000", "results",
         "", "ulimit -f 100000;"},
    };
}

}  // namespace

TEST_CASE("bad input ends all ranks in time, with one message that names it, and leaves no file") {
    const Folder folder;
    write_file(folder / "job.toml", small_job());
    for (const BadInput& bad : bad_inputs(folder))
        for (const int ranks : {0, 3}) {
            CAPTURE(bad.name);
            CAPTURE(ranks);
            const std::string output =
                contains(bad.arguments, "output.folder") ? "" : " --output out/inner";
            const Outcome ended = run(folder, "lsrtm job.toml" + bad.arguments + output,
                                      {.ranks = ranks, .before = bad.before});
            INFO(ended.err);
            CHECK(ended.code != 0);
            CHECK(ended.seconds < 60);
            CHECK(count_of(ended.err, "lop: ") == 1);
            CHECK(contains(ended.err, bad.message));
            CHECK(contains(ended.err, bad.way_out));
            CHECK(!std::filesystem::exists(folder / "out"));
        }
}

TEST_CASE("snapshots that a job cannot have are refused before the work") {
    const Folder folder;
    write_file(folder / "job.toml", small_job() + "[snapshots]\nfile = \"u.h5\"\n");
    const auto refused = [&](const std::string& set, const std::string& words) {
        CAPTURE(set);
        for (const int ranks : {0, 2}) {
            const Outcome ended =
                run(folder, "model job.toml --output out " + set, {.ranks = ranks});
            INFO(ended.err);
            CHECK(ended.code != 0);
            CHECK(count_of(ended.err, "lop: ") == 1);
            CHECK(contains(ended.err, words));
            CHECK(!std::filesystem::exists(folder / "out"));
        }
    };
    refused("--set snapshots.shot=5", "a shot from 0 to 4");
    refused("--set snapshots.file=u.txt", "ends in .h5");
    refused("--set snapshots.file=../u.h5", "output.folder says");
    refused("--set snapshots.file=records.h5", "a name of its own");
    refused("--set records.kind=born", "records.kind = \"modelled\"");
    refused("--set 'snapshots.quantity=velocity z'", "one that the wave equation has: pressure");
    refused("--set snapshots.stride=[1,1,1]", "one value, or 2");
}

TEST_CASE("a job that is missing or is not TOML is refused") {
    const Folder folder;
    write_file(folder / "bad.toml", "[time\n");
    const Outcome missing = run(folder, "lsrtm none.toml", {.ranks = 2});
    CHECK(missing.code != 0);
    CHECK(contains(missing.err, "none.toml"));
    const Outcome broken = run(folder, "lsrtm bad.toml", {.ranks = 2});
    CHECK(broken.code != 0);
    CHECK(contains(broken.err, "bad.toml, line 1"));
    CHECK(count_of(broken.err, "lop: ") == 1);
}

TEST_CASE("an error on one rank alone ends the others, which wait for it") {
    const Folder folder;
    write_file(folder / "job.toml", small_job());
    const std::string other =
        std::string{" : -n 2 '"} + LOP_PROGRAM + "' lsrtm job.toml --no-such-option";
    const Outcome ended = run(folder, "lsrtm job.toml --output out" + other, {.ranks = 1});
    INFO(ended.err);
    CHECK(ended.code != 0);
    CHECK(ended.seconds < 60);
    CHECK(count_of(ended.err, "lop: ") == 1);
    CHECK(contains(ended.err, "--no-such-option"));
    CHECK(!std::filesystem::exists(folder / "out"));
}

TEST_CASE("the marine records migrate with the geometry of their headers" * needs_public_data) {
    if (public_data("segy/segyio_viking_small.segy").empty()) return;
    const Folder folder;
    const Outcome done = run(folder,
                             "rtm " + (example_jobs() / "viking.toml").string() +
                                 " --output out --set wavelet.frequency=8"
                                 " --set model.spacing=20 --set model.shape=[220,140]",
                             {.ranks = 2, .environment = "LOP_DATA='" LOP_TEST_DATA "'"});
    INFO(done.err);
    REQUIRE(done.code == 0);
    CHECK(contains(done.out, "4 shots, 480 traces, 600 samples every 4 ms"));
    const auto image = Hdf5File::open(folder / "out/results.h5").read_whole<float>("rtm");
    double energy = 0;
    for (const float value : image) energy += static_cast<double>(value) * value;
    CHECK(std::isfinite(energy));
    CHECK(energy > 0);
}

TEST_CASE("least squares beats migration on Marmousi and Overthrust, on a coarse grid" *
          needs_public_data) {
    struct Section {
        const char* job;
        const char* file;
        const char* coarse;
    };
    for (const Section& section :
         {Section{"marmousi.toml", "models/marmousi1_devito_vp_1601x401_7.5m.f32",
                  "--set model.every=4 --set wavelet.frequency=4"},
          Section{"overthrust.toml", "models/overthrust2d_judi_overthrust_model.h5",
                  "--set model.every=2 --set wavelet.frequency=3"}}) {
        CAPTURE(section.job);
        if (public_data(section.file).empty()) return;
        const Folder folder;
        const Outcome done = run(folder,
                                 "lsrtm " + (example_jobs() / section.job).string() +
                                     " --output out --set output.pictures=false "
                                     "--set sources.count=8 --set inversion.iterations=4 " +
                                     section.coarse,
                                 {.ranks = 2, .environment = "LOP_DATA='" LOP_TEST_DATA "'"});
        INFO(done.err);
        REQUIRE(done.code == 0);
        check_least_squares_wins(Hdf5File::open(folder / "out/results.h5"), 4);
    }
}
