/// The solvers of linear systems, of least squares, and of sparse and smooth problems.
#pragma once

#include <lop/solvers/admm.hpp>
#include <lop/solvers/bicgstab.hpp>
#include <lop/solvers/cg.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/solvers/checkpoint.hpp>
#include <lop/solvers/gmres.hpp>
#include <lop/solvers/irls.hpp>
#include <lop/solvers/lbfgs.hpp>
#include <lop/solvers/linearized_bregman.hpp>
#include <lop/solvers/lsmr.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/solvers/minres.hpp>
#include <lop/solvers/omp.hpp>
#include <lop/solvers/primal_dual.hpp>
#include <lop/solvers/projections.hpp>
#include <lop/solvers/prox.hpp>
#include <lop/solvers/prox_arrays.hpp>
#include <lop/solvers/prox_groups.hpp>
#include <lop/solvers/prox_weighted.hpp>
#include <lop/solvers/proximal_gradient.hpp>
#include <lop/solvers/refused.hpp>
#include <lop/solvers/solution.hpp>
#include <lop/solvers/spectral.hpp>
#include <lop/solvers/spgl1.hpp>
#include <lop/solvers/steepest_descent.hpp>
