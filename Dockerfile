# The official image with the project's locked packages, Celery for workers on several machines, its DAGs and its plugin.
FROM apache/airflow:3.3.2-python3.12

# Named volumes take the ownership of the folders they are mounted over.
# Without an airflow.cfg Airflow would write one, into a container that is read-only.
RUN mkdir -p /opt/airflow/lake /opt/airflow/lake-backup /opt/airflow/logs /opt/airflow/auth && touch /opt/airflow/airflow.cfg

COPY requirements-celery.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt

COPY --chown=airflow:0 plugins /opt/airflow/plugins
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e /opt/airflow/plugins

COPY --chown=airflow:0 include /opt/airflow/include
COPY --chown=airflow:0 dags /opt/airflow/dags
