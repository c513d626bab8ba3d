/// The solvers of linear systems and least squares.
#pragma once

#include <lop/solvers/bicgstab.hpp>
#include <lop/solvers/cg.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/solvers/gmres.hpp>
#include <lop/solvers/lsmr.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/solvers/minres.hpp>
#include <lop/solvers/solution.hpp>
#include <lop/solvers/steepest_descent.hpp>
