# One image for migrate, web, worker, beat and flower; docker-compose.yml says which is which.

FROM node:24-slim AS client
WORKDIR /client
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
RUN useradd --system --uid 10001 --home-dir /app kias
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes --no-deps -r requirements.txt
COPY manage.py pyproject.toml ./
COPY accounts/ accounts/
COPY receipts/ receipts/
COPY sync/ sync/
COPY backoffice/ backoffice/
COPY kias_offline/ kias_offline/
COPY locale/ locale/
COPY --from=client /client/dist/ frontend/dist/
# Collecting files needs settings but no secret and no server: the image is built with those of the tests.
RUN DEPLOYMENT=test python manage.py collectstatic --noinput \
    && install -d -o kias /var/lib/kias /keys-a /keys-b /audit
ENV DEPLOYMENT=production VAR_DIR=/var/lib/kias SEALING_KEY_DIRS=/keys-a,/keys-b
USER kias
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "kias_offline.wsgi", "--bind", "0.0.0.0:8000", "--reuse-port", \
     "--worker-class", "gthread", "--workers", "4", "--threads", "8", \
     "--graceful-timeout", "30", "--no-control-socket"]
