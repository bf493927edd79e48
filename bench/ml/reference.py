"""scikit-learn and XGBoost for `npm run bench -- ml`: makes the data and answers one JSON line per question on stdin.

    {"do": "info"}                        versions, BLAS kernel, threads
    {"do": "data", "name", "folder"}      writes <name>.parquet and <name>_test.parquet if they are not there
    {"do": "load", "name", "folder"}      reads them into arrays, as scikit-learn likes them best (row-major double)
    {"do": "run", "task", "step"}         times one step of a task: fit, then predict or transform → {"ms", "peakBytes"}
    {"do": "score", "task"}               how good the last run was → {"score"}
    {"do": "drop"}                        forgets data and models

Threads: OMP_NUM_THREADS, OPENBLAS_NUM_THREADS and n_jobs are what the environment says in BENCH_THREADS.
"""
import json
import os
import pathlib
import sys
import time
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sklearn
import xgboost as xgb
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

THREADS = int(os.environ.get("BENCH_THREADS", "2"))
SCALE = float(os.environ.get("BENCH_SCALE", "1"))
warnings.simplefilter("ignore")

# ---- data -----------------------------------------------------------------------------------------------------------
# name: (rows, test rows, features)
SHAPES = {
    "regression": (1_000_000, 0, 20), "gaps": (1_000_000, 0, 20), "columns": (300_000, 0, 100),
    "binary": (500_000, 0, 20), "classes": (200_000, 0, 20), "blobs": (500_000, 0, 16),
    "trees": (20_000, 20_000, 20), "neighbors": (50_000, 5_000, 16), "words": (1_000_000, 0, 3),
    "boosting": (1_000_000, 200_000, 20),
    "codes": (250_000, 0, 2), "scores": (1_000_000, 0, 0),
}


def shape(name):
    n, test, p = SHAPES[name]
    return max(1000, int(n * SCALE)), int(test * SCALE), p


def make(name):
    n, test, p = shape(name)
    n += test
    rng = np.random.default_rng(sum(map(ord, name)))
    if name in ("words", "codes"):
        codes = [rng.zipf(1.5, n) % size for size in (10, 100, 1000)[:p]]
        effect = rng.normal(size=1000)
        y = effect[codes[-1]] + codes[0] / 5 + rng.normal(size=n)
        words = [np.array([f"word {k}-{i}" for i in range(1000)], dtype=object) for k in range(p)]
        return pd.DataFrame({**{f"w{k}": words[k][c] for k, c in enumerate(codes)}, "y": y})
    if name == "scores":
        chance = rng.random(n)
        y = (rng.random(n) < chance).astype(np.int32)
        p = np.clip(chance + rng.normal(size=n) * 0.1, 0.001, 0.999)
        return pd.DataFrame({"y": y, "p": p, "label": (p > 0.5).astype(np.int32)})
    x = rng.normal(size=(n, p))
    # Neighbouring columns are alike, as real features are.
    x = 0.8 * x + 0.6 * np.roll(x, 1, axis=1)
    if name == "blobs":
        centers = rng.normal(size=(8, p)) * 1.5
        label = rng.integers(0, 8, n)
        return x + centers[label], label.astype(np.int32)
    if name in ("trees", "boosting"):
        score = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + np.where(x[:, 3] > 0, x[:, 4], -x[:, 5]) + 0.3 * x[:, 6] ** 2
        score = score + rng.normal(size=n) * 0.7
        return x, (score > np.median(score)).astype(np.int32), score
    w = rng.normal(size=p) * (rng.random(p) < 0.6)
    score = x @ w + 0.5
    if name == "binary":
        return x, (rng.random(n) < 1 / (1 + np.exp(-score))).astype(np.int32)
    if name in ("classes", "neighbors"):
        scores = x @ rng.normal(size=(p, 5)) * 0.7 + rng.gumbel(size=(n, 5))
        return x, scores.argmax(axis=1).astype(np.int32), scores[:, 0]
    if name == "gaps":
        x[rng.random(x.shape) < 0.05] = np.nan
    return x, score + rng.normal(size=n)


def data(name, folder):
    n, test, p = shape(name)
    files = [pathlib.Path(folder) / f"{name}.parquet", pathlib.Path(folder) / f"{name}_test.parquet"]
    if not files[0].exists():
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        made = make(name)
        if isinstance(made, pd.DataFrame):
            table = pa.Table.from_pandas(made, preserve_index=False)
        else:
            x, y, *more = made
            table = pa.table({**{f"x{j}": x[:, j] for j in range(p)}, "y": y, **({"value": more[0]} if more else {})})
        if name == "gaps":
            # What is NaN here is null in a frame.
            table = pa.Table.from_pandas(table.to_pandas(), preserve_index=False)
        pq.write_table(table.slice(0, n), files[0], compression="none", use_dictionary=name in ("words", "codes"))
        if test:
            pq.write_table(table.slice(n), files[1], compression="none")
    return {"train": str(files[0]), "test": str(files[1]) if test else None, "rows": n, "testRows": test, "features": p}


class Loaded:
    pass


def load(name, folder):
    d, files = Loaded(), data(name, folder)
    for part in ("train", "test"):
        if files[part] is None:
            continue
        frame = pq.read_table(files[part]).to_pandas()
        if name in ("words", "codes"):
            d.x, d.y = frame[[f"w{k}" for k in range(files["features"])]].astype(object), frame["y"].to_numpy()
            continue
        if name == "scores":
            d.y, d.p, d.label = (frame[c].to_numpy() for c in ("y", "p", "label"))
            continue
        x = np.ascontiguousarray(frame[[f"x{j}" for j in range(files["features"])]].to_numpy())
        y = frame["y"].to_numpy()
        value = frame["value"].to_numpy() if "value" in frame else None
        if part == "train":
            d.x, d.y, d.value = x, y, value
            d.tx, d.ty, d.tvalue = x, y, value
        else:
            d.tx, d.ty, d.tvalue = x, y, value
    return d


# ---- tasks ----------------------------------------------------------------------------------------------------------


class Task:
    """fit and predict of an estimator; the score is of the predictions."""

    def __init__(self, make_model, score, target="y", step="predict"):
        self.make, self.score_of, self.target, self.step = make_model, score, target, step
        self.model = self.out = None

    def steps(self):
        return ["fit", self.step]

    def run(self, d, step):
        if step == "fit":
            self.model = self.make(d).fit(d.x, getattr(d, self.target))
        else:
            self.out = getattr(self.model, step)(d.tx)

    def score(self, d):
        truth = d.ty if self.target == "y" else d.tvalue
        return self.score_of(truth, self.out, self.model)


def r2(y, out, _):
    return metrics.r2_score(y, out)


def accuracy(y, out, _):
    return metrics.accuracy_score(y, out)


class Transform(Task):
    """fit and transform; the score is the mean of what came out."""

    def __init__(self, make_model, target=None):
        super().__init__(make_model, None, target, "transform")

    def run(self, d, step):
        if step == "fit":
            args = [d.x] if self.target is None else [d.x, getattr(d, self.target)]
            self.model = self.make(d).fit(*args)
        else:
            self.out = self.model.transform(d.x)

    def score(self, d):
        return float(np.nanmean(np.abs(self.out)))


class Call(Task):
    """One call; the score is its result."""

    def __init__(self, call, step, score=float):
        self.call, self.step, self.score_of = call, step, score

    def steps(self):
        return [self.step]

    def run(self, d, step):
        self.out = self.call(d)

    def score(self, d):
        return self.score_of(self.out)


class Boost(Task):
    """XGBoost from arrays: the quantile matrix is part of the fit."""

    PARAMS = {"objective": "binary:logistic", "max_depth": 6, "eta": 0.3, "tree_method": "hist", "max_bin": 256,
              "nthread": THREADS, "seed": 1}

    def __init__(self):
        self.step = "predict"

    def run(self, d, step):
        if step == "fit":
            matrix = xgb.QuantileDMatrix(d.x, d.y, nthread=THREADS)
            self.model = xgb.train(self.PARAMS, matrix, 50)
        else:
            self.out = self.model.inplace_predict(d.tx)

    def score(self, d):
        return metrics.roc_auc_score(d.ty, self.out)


TASKS = {
    "LinearRegression": Task(lambda d: LinearRegression(), r2),
    "Ridge": Task(lambda d: Ridge(alpha=1.0), r2),
    "Lasso": Task(lambda d: Lasso(alpha=0.1), r2),
    "ElasticNet": Task(lambda d: ElasticNet(alpha=0.1, l1_ratio=0.5), r2),
    "LogisticRegression binary": Task(lambda d: LogisticRegression(max_iter=1000), accuracy),
    "LogisticRegression multinomial": Task(lambda d: LogisticRegression(max_iter=1000), accuracy),
    "LogisticRegression L1": Task(lambda d: LogisticRegression(l1_ratio=1.0, C=0.01, solver="saga", max_iter=1000), accuracy),
    "KMeans": Task(lambda d: KMeans(8, init=d.x[:8], n_init=1, max_iter=50, tol=0), lambda y, out, m: m.inertia_),
    "KMeans k-means++": Task(lambda d: KMeans(8, n_init=3, random_state=1), lambda y, out, m: m.inertia_),
    "Pca": Task(lambda d: PCA(10), lambda y, out, m: float(m.explained_variance_.sum()), step="transform"),
    "GaussianNb": Task(lambda d: GaussianNB(), accuracy),
    "KNeighborsClassifier": Task(lambda d: KNeighborsClassifier(5, n_jobs=THREADS), accuracy),
    "KNeighborsRegressor": Task(lambda d: KNeighborsRegressor(5, weights="distance", n_jobs=THREADS), r2, "value"),
    "RandomForestClassifier": Task(
        lambda d: RandomForestClassifier(50, random_state=1, n_jobs=THREADS), accuracy),
    "RandomForestRegressor": Task(
        lambda d: RandomForestRegressor(20, max_features=0.3, random_state=1, n_jobs=THREADS), r2, "value"),
    "XgbClassifier wasm": Boost(),
    "XgbClassifier libxgboost": Boost(),
    "StandardScaler": Transform(lambda d: StandardScaler()),
    "MinMaxScaler": Transform(lambda d: MinMaxScaler()),
    "SimpleImputer mean": Transform(lambda d: SimpleImputer()),
    "SimpleImputer median": Transform(lambda d: SimpleImputer(strategy="median")),
    "OneHotEncoder": Transform(lambda d: OneHotEncoder(sparse_output=False)),
    "OrdinalEncoder": Transform(lambda d: OrdinalEncoder()),
    "TargetEncoder": Transform(lambda d: TargetEncoder(), "y"),
    "TargetEncoder cross-fitted": Call(lambda d: TargetEncoder(random_state=1).fit_transform(d.x, d.y), "fitTransform",
                                       lambda out: float(np.abs(out).mean())),
    "trainTestSplit": Call(lambda d: train_test_split(d.x, d.y, test_size=0.25, random_state=1), "split",
                           lambda out: len(out[0])),
    "trainTestSplit stratified": Call(
        lambda d: train_test_split(d.x, d.y, test_size=0.25, random_state=1, stratify=d.y), "split",
        lambda out: float(out[2].mean())),
    "rocAucScore": Call(lambda d: metrics.roc_auc_score(d.y, d.p), "score"),
    "logLoss": Call(lambda d: metrics.log_loss(d.y, d.p), "score"),
    "f1Score": Call(lambda d: metrics.f1_score(d.y, d.label), "score"),
    "r2Score": Call(lambda d: metrics.r2_score(d.y, d.x[:, 0]), "score"),
}


def status(key):
    """A line of /proc/self/status in bytes."""
    for line in open("/proc/self/status"):
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0


def timed(d, task, step):
    """Milliseconds, and how far the resident set rose above where it was."""
    try:
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")
    except OSError:
        pass
    before = status("VmRSS")
    started = time.perf_counter()
    task.run(d, step)
    ms = (time.perf_counter() - started) * 1000
    return {"ms": ms, "peakBytes": max(0, status("VmHWM") - before)}


def info():
    from threadpoolctl import threadpool_info

    pools = {f"{p['prefix']}": f"{p.get('architecture', '')} {p['num_threads']} threads".strip() for p in threadpool_info()}
    return {"python": sys.version.split()[0], "scikit-learn": sklearn.__version__, "xgboost": xgb.__version__,
            "numpy": np.__version__, "pools": pools, "threads": THREADS}


def main():
    loaded = {}
    for line in sys.stdin:
        q = json.loads(line)
        try:
            if q["do"] == "info":
                answer = info()
            elif q["do"] == "data":
                answer = data(q["name"], q["folder"])
            elif q["do"] == "load":
                loaded = {q["name"]: load(q["name"], q["folder"])}
                answer = {"steps": {k: t.steps() for k, t in TASKS.items()}}
            elif q["do"] == "run":
                answer = timed(loaded[q["data"]], TASKS[q["task"]], q["step"])
            elif q["do"] == "score":
                answer = {"score": TASKS[q["task"]].score(loaded[q["data"]])}
            elif q["do"] == "drop":
                loaded = {}
                for t in TASKS.values():
                    t.model = t.out = None
                answer = {}
            else:
                answer = {"error": f"unknown question {q['do']}"}
        except Exception as e:  # the asker decides what an error means
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
