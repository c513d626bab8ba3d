/// The command line.
#include "commands.hpp"
#include "keys.hpp"
#include "results.hpp"
#include <lop/core/error.hpp>
#include <lop/core/log.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lop::app {
namespace {

void attach_overrides(CLI::App& command, std::vector<std::string>& overrides, const char* words) {
    command.add_option("--set", overrides, words)
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// What commands with a job have in common.
struct JobArguments {
    std::string path;
    std::vector<std::string> overrides;
    std::string output;

    void attach(CLI::App& command) {
        command.add_option("JOB", path, "the job, a TOML file (lop help job)")->required();
        attach_overrides(command, overrides, "override a key of the job: section.key=value");
        command.add_option("--output", output, "the folder of results (output.folder)")
            ->type_name("DIR");
    }
    Job read() const {
        Job job = read_job(path, overrides);
        if (!output.empty()) job.output.folder = output;
        return job;
    }
};

int print_help_of(const std::string& topic, bool markdown) {
    if (topic == "job") {
        say(markdown ? help_markdown() : help_text());
        return 0;
    }
    throw JobError{"lop help " + topic,
                   {.expected = "lop help job",
                    .found = topic,
                    .remedy = "lop --help, or lop COMMAND --help, for commands"}};
}

[[noreturn]] void refuse_command_line(const CLI::ParseError& error) {
    throw JobError{"the command line: " + std::string{error.what()}, {.remedy = "lop --help"}};
}

}  // namespace

int run_program(int argc, char** argv) {
    CLI::App app{
        "Modelling, migration and least-squares migration of seismic waves. Runs alone or under "
        "mpirun.",
        "lop"};
    app.set_version_flag("--version", "lop " LOP_VERSION " (" LOP_BUILD_KIND ")");
    app.require_subcommand(1);

    JobArguments job;
    CLI::App* model = app.add_subcommand("model", "model shot records; writes SEG-Y or HDF5");
    CLI::App* rtm = app.add_subcommand("rtm", "reverse-time migration");
    CLI::App* lsrtm = app.add_subcommand("lsrtm", "least-squares reverse-time migration");
    CLI::App* check =
        app.add_subcommand("check", "dot, linearity and Taylor tests of the job's operators");
    for (CLI::App* command : {model, rtm, lsrtm, check}) job.attach(*command);
    bool json = false;
    check->add_flag("--json", json, "one JSON object a line");

    std::string file;
    CLI::App* info = app.add_subcommand("info", "what a file is and holds");
    info->add_option("FILE", file, "HDF5, SEG-Y, SU or a job")->required();
    std::vector<std::string> overrides;
    const char* how =
        "of a job: override a key; of SEG-Y: a key of [records], as in "
        "records.samples=600";
    attach_overrides(*info, overrides, how);

    PlotOptions plot_options;
    CLI::App* plot_command = app.add_subcommand("plot", "draw a file as PNG");
    plot_command->add_option("FILE", file, "HDF5, SEG-Y, SU, or a job, whose media are drawn")
        ->required();
    plot_command->add_option("--dataset", plot_options.dataset, "HDF5: this dataset only");
    plot_command->add_option("--shot", plot_options.shot, "SEG-Y: the shot, counted from 0");
    attach_overrides(*plot_command, plot_options.overrides, how);
    plot_command->add_option("-o,--output", plot_options.output,
                             "the picture's name; NAME.apng: a movie of snapshots");

    std::string topic;
    bool markdown = false;
    CLI::App* help = app.add_subcommand("help", "lop help job: every key of a job");
    help->add_option("TOPIC", topic, "job")->required();
    help->add_flag("--markdown", markdown, "as tables of docs/jobs.md");

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
        if (logging::is_root()) app.exit(success);
        return 0;
    } catch (const CLI::ParseError& error) {
        refuse_command_line(error);
    }
    if (model->parsed()) model_data(job.read());
    if (rtm->parsed()) migrate(job.read(), Migration::reverse_time);
    if (lsrtm->parsed()) migrate(job.read(), Migration::least_squares);
    if (check->parsed()) return check_operators(job.read(), json) ? 0 : 1;
    if (info->parsed()) tell_about(file, overrides);
    if (plot_command->parsed()) plot(file, plot_options);
    if (help->parsed()) return print_help_of(topic, markdown);
    return 0;
}

}  // namespace lop::app
