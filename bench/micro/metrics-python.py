"""The same metrics as metrics.ts, by scikit-learn: python metrics-python.py ROWS → JSON of wall, CPU and value."""

import json
import resource
import sys
import time
import warnings

import numpy as np
from sklearn import metrics as m

warnings.simplefilter("ignore")
n = int(sys.argv[1])
i = np.arange(n, dtype=np.float64)


def noise(seed):
    return np.modf(np.abs(np.sin((i + 1) * seed * 12.9898) * 43758.5453))[0]


score = noise(1)
true = (noise(2) < score).astype(np.int32)
weight = noise(3) + 0.5
five = np.floor(noise(4) * 5).astype(np.int32)
guess = np.where(noise(5) < 0.6, five, np.floor(noise(6) * 5).astype(np.int32))
raw = np.column_stack([noise(7 + c) + 0.1 for c in range(5)])
proba = raw / raw.sum(axis=1, keepdims=True)
words = np.array(["alpha", "beta", "delta", "eps", "gamma"])
text, said = words[five], words[guess]
y, p = noise(12) * 10 - 5, noise(12) * 10 - 5 + noise(13)
small = min(n, 10_000)
x = np.column_stack([noise(14 + c)[:small] + five[:small] for c in range(10)])
TASKS = {
    "accuracyScore": lambda: m.accuracy_score(five, guess),
    "accuracyScore text": lambda: m.accuracy_score(text, said),
    "f1Score macro": lambda: m.f1_score(five, guess, average="macro"),
    "confusionMatrix weighted": lambda: m.confusion_matrix(five, guess, sample_weight=weight)[0, 0],
    "matthewsCorrcoef": lambda: m.matthews_corrcoef(five, guess),
    "logLoss": lambda: m.log_loss(true, score),
    "logLoss 5 classes": lambda: m.log_loss(five, proba),
    "brierScoreLoss": lambda: m.brier_score_loss(true, score),
    "topKAccuracyScore": lambda: m.top_k_accuracy_score(five, proba, k=2),
    "rocAucScore": lambda: m.roc_auc_score(true, score),
    "rocAucScore weighted": lambda: m.roc_auc_score(true, score, sample_weight=weight),
    "rocAucScore 5 classes": lambda: m.roc_auc_score(five, proba, multi_class="ovr"),
    "averagePrecisionScore": lambda: m.average_precision_score(true, score),
    "rocCurve": lambda: len(m.roc_curve(true, score)[0]),
    "precisionRecallCurve": lambda: len(m.precision_recall_curve(true, score)[0]),
    "meanSquaredError": lambda: m.mean_squared_error(y, p),
    "r2Score weighted": lambda: m.r2_score(y, p, sample_weight=weight),
    "meanPinballLoss": lambda: m.mean_pinball_loss(y, p, alpha=0.9),
    "adjustedRandScore": lambda: m.adjusted_rand_score(five, guess),
    "adjustedMutualInfoScore": lambda: m.adjusted_mutual_info_score(five, guess),
    "silhouetteScore 1e4 × 10": lambda: m.silhouette_score(x, five[:small]),
}
results = {}
for name, task in TASKS.items():
    best = None
    for _ in range(1 if "silhouette" in name or "Mutual" in name else 3):
        usage = resource.getrusage(resource.RUSAGE_SELF)
        started, cpu = time.perf_counter(), usage.ru_utime + usage.ru_stime
        value = task()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        took = [(time.perf_counter() - started) * 1e3, (usage.ru_utime + usage.ru_stime - cpu) * 1e3]
        best = took if best is None else [min(a, b) for a, b in zip(best, took)]
    results[name] = {"wall": best[0], "cpu": best[1], "value": float(value)}
print(json.dumps(results))
