# Digit Studio: pages and REST on one port, as a user without rights. docs/DEPLOY.md says how to run it.
#   docker build -t digit-studio .
#   docker run --rm -p 8501:8501 -v digit-studio:/data digit-studio
FROM python:3.13-slim

# The packages change seldom and take minutes, so they come first: an edit of the code leaves this layer as it is.
# Bytecode is compiled here because the user that runs it may not write any, and TensorFlow then takes 10 s longer to
# import, at every training. What only developers need of the packages (their tests, headers and pip) goes.
COPY requirements.txt requirements-auth.txt /tmp/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements-auth.txt \
    && find /opt/venv/lib -type d -name tests -prune -exec rm -rf {} + \
    && rm -rf /opt/venv/lib/python3.*/site-packages/tensorflow/include /tmp/requirements*.txt \
    && /opt/venv/bin/python -m pip uninstall --quiet --yes pip \
    && (/opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib || true)

# Runs, the active model and everything else that is written go to the volume; the code belongs to root.
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin studio \
    && install -d -o studio -g studio /data
ENV PATH=/opt/venv/bin:$PATH DIGIT_STUDIO_HOME=/data PORT=8501 PYTHONUNBUFFERED=1 ORT_DISABLE_TELEMETRY=1
WORKDIR /app
COPY . .
RUN python -m compileall -q .

USER 10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/_stcore/health', timeout=4)"]

# exec: the server is the process that SIGTERM reaches. PORT is what hosts such as Render choose the port with.
CMD ["sh", "-c", "exec python -m streamlit run serve.py --server.port \"$PORT\" --server.headless true"]
