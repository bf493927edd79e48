"""The same tasks as xgboost.ts, by Python's xgboost: python xgboost-python.py ROWS FEATURES ROUNDS THREADS → JSON."""

import json
import resource
import sys
import time

import numpy as np
import xgboost as xgb

rows, features, rounds, threads = map(int, sys.argv[1:])
i = np.arange(rows, dtype=np.float64)
x = np.stack([np.modf(np.sin((i + 1) * (j + 1) * 12.9898) * 43758.5453)[0] for j in range(features)], axis=1)
y = x[:, 0] * x[:, 1] + np.where(x[:, 2] > 0.5, x[:, 3], 0)


def timed(work):
    usage = resource.getrusage(resource.RUSAGE_SELF)
    started, cpu = time.perf_counter(), usage.ru_utime + usage.ru_stime
    result = work()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return result, {
        "wall": (time.perf_counter() - started) * 1000,
        "cpu": (usage.ru_utime + usage.ru_stime - cpu) * 1000,
    }


runs = []
for _ in range(5):
    data, create = timed(lambda: xgb.QuantileDMatrix(x, y, nthread=threads))
    params = dict(objective="reg:squarederror", max_depth=6, nthread=threads)
    booster, train = timed(lambda: xgb.train(params, data, rounds))
    predicted, predict = timed(lambda: booster.inplace_predict(x))
    runs.append(dict(create=create, train=train, predict=predict))
best = {part: {k: min(run[part][k] for run in runs) for k in ("wall", "cpu")} for part in runs[0]}
print(json.dumps(dict(best=best, first=float(predicted[1]), bytes=len(booster.save_raw("ubj")))))
