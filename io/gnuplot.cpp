/// Starts gnuplot without a shell, fed through a socket: its early death raises no SIGPIPE.
#include "gnuplot.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lop::io {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

bool send_all(int socket, const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
        const ssize_t done = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        sent += static_cast<std::size_t>(done);
    }
    return true;
}

using TemporaryFile = std::unique_ptr<std::FILE, CloseFile>;

std::string content_of(std::FILE* file) {
    std::string content;
    if (std::fseek(file, 0, SEEK_SET) != 0) return content;
    char piece[4096];
    std::size_t count = sizeof piece;
    while (count == sizeof piece) {
        count = std::fread(piece, 1, sizeof piece, file);
        content.append(piece, count);
    }
    return content;
}

std::string last_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text.substr(text.find_last_of('\n') + 1);
}

/// 0 or the errno.
int start(pid_t& child, int input, int output, int errors) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    char name[] = "gnuplot";
    char defaults[] = "-d";  // without the user's start-up files
    char* arguments[] = {name, defaults, nullptr};
    const int code = ::posix_spawnp(&child, name, &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

}  // namespace

GnuplotOutcome run_gnuplot(const std::string& script) {
    GnuplotOutcome outcome;
    int ends[2];
    const TemporaryFile output{std::tmpfile()};
    const TemporaryFile errors{std::tmpfile()};
    if (!output || !errors || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        outcome.complaint = "no temporary file, or no socket";
        return outcome;
    }
    pid_t child = 0;
    const int code = start(child, ends[1], ::fileno(output.get()), ::fileno(errors.get()));
    ::close(ends[1]);
    if (code != 0) {
        ::close(ends[0]);
        if (code == ENOENT || code == EACCES) outcome.result = GnuplotResult::absent;
        return outcome;
    }
    const bool heard = send_all(ends[0], script);
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.complaint = last_line(content_of(errors.get()));
    outcome.output = content_of(output.get());
    if (heard && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        outcome.result = GnuplotResult::drawn;
    return outcome;
}

}  // namespace lop::io
