/// The instruction sets that kernels are compiled for, and the choice among them.
#pragma once

namespace lop::wave {

/// The sets a binary carries; `best` is the widest one that this machine runs.
enum class InstructionSet { generic, avx2, avx512, best };

/// Whether this binary carries kernels for the set and this machine runs them.
bool available(InstructionSet set);
/// The set itself, or the widest one for `best`.
InstructionSet resolved(InstructionSet set);

}  // namespace lop::wave
