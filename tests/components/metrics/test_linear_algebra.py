from __future__ import annotations

import torch

from ganzoo.components.metrics.linear_algebra import eigenvalues, eigenvectors, in_float64, product


def test_product_is_with_the_transpose(normal):
    a, b = normal(5, 3), normal(4, 3, seed=1)
    torch.testing.assert_close(product(a, b), a @ b.T)
    torch.testing.assert_close(product(a, a), a @ a.T)
    torch.testing.assert_close(product(a.T, a.T), a.T @ a)


def test_eigenvectors_put_the_matrix_together_again(normal):
    matrix = normal(6, 6).double()
    matrix = matrix + matrix.T
    values, vectors = eigenvectors(matrix)
    torch.testing.assert_close(vectors * values @ vectors.T, matrix)
    torch.testing.assert_close(values, eigenvalues(matrix))


def test_a_matrix_of_no_size_has_no_eigenvalues():
    assert len(eigenvalues(torch.zeros(0, 0, dtype=torch.float64))) == 0


def test_in_float64_is_a_copy():
    rows = torch.zeros(2, dtype=torch.float64)
    in_float64(rows).fill_(1)
    assert rows.sum() == 0
