"""A plain training loop in JAX: a small network that learns a curve."""

import jax
import jax.numpy as jnp


def initial(key, sizes):
    """Weights and biases of the layers."""
    keys = jax.random.split(key, len(sizes) - 1)
    return [
        (jax.random.normal(one, (a, b)) * jnp.sqrt(2 / a), jnp.zeros(b))
        for one, a, b in zip(keys, sizes, sizes[1:])
    ]


def predict(layers, x):
    for weight, bias in layers[:-1]:
        x = jax.nn.relu(x @ weight + bias)
    weight, bias = layers[-1]
    return x @ weight + bias


def loss_of(layers, x, y):
    return jnp.mean((predict(layers, x) - y) ** 2)


@jax.jit
def update(layers, x, y):
    loss, gradients = jax.value_and_grad(loss_of)(layers, x, y)
    layers = jax.tree_util.tree_map(lambda p, g: p - 0.01 * g, layers, gradients)
    return layers, loss


x = jnp.linspace(-2, 2, 2048)[:, None]
y = jnp.sin(3 * x)
layers = initial(jax.random.PRNGKey(0), [1, 256, 256, 1])
for step in range(1, 601):
    layers, loss = update(layers, x, y)
    if step % 200 == 0:
        print(f"step {step}: loss {loss:.4f}")
