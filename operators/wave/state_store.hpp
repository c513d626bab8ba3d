/// Room for states of wavefields, in memory or in a file.
#pragma once

#include "buffer.hpp"
#include <lop/core/scalar.hpp>

#include <cstddef>
#include <string>

namespace lop::wave {

/// So many states of one size, each written and read piece by piece. A file has no name, so that nothing
/// is left of it, however the program ends.
class StateStore {
 public:
    StateStore() = default;
    StateStore(StateStore&& other) noexcept;
    StateStore& operator=(StateStore&& other) noexcept;
    ~StateStore();

    /// Makes room, in a folder or, where its name is empty, in memory; used again, it allocates nothing
    /// unless something grew. Throws FileError, which names the folder, where there is no room.
    void prepare(index_t states, std::size_t bytes, const std::string& folder);
    void write(index_t state, std::size_t at, const void* data, std::size_t bytes);
    void read(index_t state, std::size_t at, void* data, std::size_t bytes) const;

 private:
    void open(const std::string& folder);
    void close() noexcept;
    [[noreturn]] void fail(int code, std::size_t bytes) const;

    std::size_t bytes_ = 0;  // of a state
    FieldBuffer<char> memory_{};
    std::string folder_{};
    int file_ = -1;
    std::size_t reserved_ = 0;  // bytes of the file
};

}  // namespace lop::wave
