mod carrier_reports;
mod faults_and_ledger;
mod payment_shapes;
