/// Where a vector lives. The memory is part of the types of views, arrays and spaces.
#pragma once

#include <concepts>

namespace lop {

/// Memory of the processor.
struct Host {
    static constexpr const char* name = "host";
};

/// Memory of an accelerator; arrays in it need a build with CUDA.
struct Device {
    static constexpr const char* name = "device";
};

template <class M>
concept MemorySpace = std::same_as<M, Host> || std::same_as<M, Device>;

}  // namespace lop
